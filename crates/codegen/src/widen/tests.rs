//! Widening instruction by instruction, and that nothing of the library stays narrow.
//!
//! That widened code computes the same is shown by running it: see the conformance suite, `identity`.

use super::*;
use Register::{K1, RAX, RDI, RSP, XMM0, XMM1, XMM2, XMM3, XMM4, XMM9, XMM15, YMM0, YMM1, YMM2, YMM15};
use Register::{ZMM0, ZMM1, ZMM2, ZMM3, ZMM4, ZMM9, ZMM15};
use iced_x86::{Encoder, MemoryOperand};
use kiln_schedule::{Step, plan};

#[path = "../../tests/recipes/mod.rs"]
mod recipes;

const WIDTHS: [u32; 2] = [32, 64];

/// The instructions' bytes, the constants behind them at the next multiple of 16.
fn code(instructions: &[Instruction], constants: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for i in instructions {
        let mut encoder = Encoder::new(64);
        encoder.encode(i, bytes.len() as u64).expect("an instruction");
        bytes.extend(encoder.take_buffer());
    }
    if !constants.is_empty() {
        assert!(bytes.len() <= CONSTANTS as usize);
        bytes.resize(CONSTANTS as usize, 0);
        bytes.extend(constants);
    }
    bytes
}

/// Where the constants of [`code`] are.
const CONSTANTS: u64 = 128;

/// The instructions of widened code.
fn widened(bytes: &[u8], width: u32) -> Vec<Instruction> {
    decode(&widen(bytes, width, &Marked::new()).expect("code that can be widened")).expect("code")
}

fn ret() -> Instruction {
    Instruction::with(Code::Retnq)
}

fn three(code: Code, [to, x, y]: [Register; 3]) -> Instruction {
    Instruction::with3(code, to, x, y).expect("three registers")
}

fn at(base: Register, displacement: i64) -> MemoryOperand {
    MemoryOperand::with_base_displ(base, displacement)
}

fn load(to: Register, from: MemoryOperand) -> Instruction {
    Instruction::with2(Code::VEX_Vmovups_xmm_xmmm128, to, from).expect("a load")
}

fn store(to: MemoryOperand, from: Register) -> Instruction {
    Instruction::with2(Code::VEX_Vmovups_xmmm128_xmm, to, from).expect("a store")
}

fn registers(i: &Instruction) -> Vec<Register> {
    (0..i.op_count()).filter(|&k| i.op_kind(k) == OpKind::Register).map(|k| i.op_register(k)).collect()
}

#[test]
fn registers_widen_and_the_upper_halves_are_left_clean() {
    let add = three(Code::VEX_Vaddps_xmm_xmm_xmmm128, [XMM0, XMM1, XMM15]);
    let bytes = code(&[add, ret()], &[]);
    let wide = widened(&bytes, 64);
    let codes: Vec<Code> = wide.iter().map(Instruction::code).collect();
    assert_eq!(codes, [Code::EVEX_Vaddps_zmm_k1z_zmm_zmmm512b32_er, Code::VEX_Vzeroupper, Code::Retnq]);
    assert_eq!(registers(&wide[0]), [ZMM0, ZMM1, ZMM15]);
    assert_eq!(wide[0].op_mask(), Register::None);
    assert_eq!(registers(&widened(&bytes, 32)[0]), [YMM0, YMM1, YMM15]);
}

/// Addresses in the data were made for the wide vectors; those in the frame grow with it.
#[test]
fn the_frame_grows_and_its_slots_move() {
    let pointer = Instruction::with2(Code::Mov_rm64_r64, at(RSP, 8), RDI).expect("a spill");
    let back = Instruction::with2(Code::Mov_r64_rm64, RAX, at(RSP, 8)).expect("a reload");
    let frame = |code, bytes: i32| Instruction::with2(code, RSP, bytes).expect("a frame");
    let bytes = code(
        &[
            frame(Code::Sub_rm64_imm8, 0x30),
            pointer,
            store(at(RSP, 0x10), XMM1),
            load(XMM2, at(RDI, 0x40)),
            Instruction::with3(Code::VEX_Vaddps_xmm_xmm_xmmm128, XMM0, XMM2, at(RSP, 0x20))
                .expect("an addition"),
            back,
            frame(Code::Add_rm64_imm8, 0x30),
            ret(),
        ],
        &[],
    );
    for width in WIDTHS {
        let factor = u64::from(width / 16);
        let wide = widened(&bytes, width);
        assert_eq!(wide[0].immediate32to64() as u64, 0x30 * factor);
        let places: Vec<u64> = wide[1..6].iter().map(Instruction::memory_displacement64).collect();
        assert_eq!(places, [8 * factor, 0x10 * factor, 0x40, 0x20 * factor, 8 * factor]);
        assert_eq!(wide[6].immediate32to64() as u64, 0x30 * factor);
    }
}

/// Sixteen bytes, all different, twice the same.
#[test]
fn constants_are_repeated_once() {
    let constant: Vec<u8> = (1..=16).collect();
    let of = |to: Register| {
        let from = MemoryOperand::with_base_displ(Register::RIP, CONSTANTS as i64);
        Instruction::with3(Code::VEX_Vmulps_xmm_xmm_xmmm128, to, XMM1, from).expect("a product")
    };
    let one = MemoryOperand::with_base_displ(Register::RIP, CONSTANTS as i64 + 4);
    let splat = Instruction::with2(Code::VEX_Vbroadcastss_xmm_m32, XMM3, one).expect("a broadcast");
    let bytes = code(&[of(XMM0), of(XMM2), splat, ret()], &constant);
    for width in WIDTHS {
        let text = widen(&bytes, width, &Marked::new()).expect("code that can be widened");
        let wide = decode(&text).expect("code");
        let places: Vec<u64> = wide[..3].iter().map(Instruction::ip_rel_memory_address).collect();
        assert_eq!(places[0], places[1]);
        assert_eq!(places[0] % 64, 0, "a vector does not cross a cache line");
        let at = |place: u64, n: usize| &text[place as usize..][..n];
        let times = width as usize / 16;
        assert_eq!(at(places[0], width as usize), constant.repeat(times));
        assert_eq!(at(places[2], 4), [5, 6, 7, 8]);
    }
}

#[test]
fn one_lane_is_loaded_before_it_is_spread() {
    let one = Instruction::with2(Code::VEX_Vmovss_xmm_m32, XMM1, at(RDI, 12)).expect("a load");
    let splat = Instruction::with2(Code::VEX_Vbroadcastss_xmm_xmm, XMM2, XMM1).expect("a broadcast");
    let bytes = code(&[one, splat, ret()], &[]);
    let wide = widened(&bytes, 64);
    assert_eq!((wide[0].code(), registers(&wide[0])), (Code::VEX_Vmovss_xmm_m32, vec![XMM1]));
    assert_eq!(wide[0].memory_displacement64(), 12);
    assert_eq!(registers(&wide[1]), [ZMM2, XMM1]);
    assert_eq!(registers(&widened(&bytes, 32)[1]), [YMM2, XMM1]);
}

#[test]
fn comparisons_pass_through_a_mask_register() {
    let code_of = Code::VEX_Vcmpps_xmm_xmm_xmmm128_imm8;
    let less = Instruction::with4(code_of, XMM9, XMM1, XMM2, 1).expect("a comparison");
    let bytes = code(&[less, ret()], &[]);
    let wide = widened(&bytes, 64);
    assert_eq!(wide[0].code(), Code::EVEX_Vcmpps_kr_k1_zmm_zmmm512b32_imm8_sae);
    assert_eq!((registers(&wide[0]), wide[0].immediate8()), (vec![K1, ZMM1, ZMM2], 1));
    assert_eq!((wide[1].code(), registers(&wide[1])), (Code::EVEX_Vpmovm2d_zmm_kr, vec![ZMM9, K1]));
    assert_eq!(widened(&bytes, 32)[0].code(), Code::VEX_Vcmpps_ymm_ymm_ymmm256_imm8);

    let equal = three(Code::VEX_Vpcmpeqd_xmm_xmm_xmmm128, [XMM9, XMM3, XMM3]);
    let wide = widened(&code(&[equal, ret()], &[]), 64);
    assert_eq!(registers(&wide[0]), [K1, ZMM3, ZMM3]);
    assert_eq!(registers(&wide[1]), [ZMM9, K1]);
}

/// `blendv to, x, y, mask` takes `y` where the mask is set; so does the masked blend.
#[test]
fn blends_turn_their_masks_into_mask_registers() {
    for of in [Code::VEX_Vblendvps_xmm_xmm_xmmm128_xmm, Code::VEX_Vpblendvb_xmm_xmm_xmmm128_xmm] {
        let blend = Instruction::with4(of, XMM1, XMM2, XMM3, XMM4).expect("a blend");
        let bytes = code(&[blend, ret()], &[]);
        let wide = widened(&bytes, 64);
        assert_eq!((wide[0].code(), registers(&wide[0])), (Code::EVEX_Vpmovd2m_kr_zmm, vec![K1, ZMM4]));
        assert_eq!(wide[1].code(), Code::EVEX_Vblendmps_zmm_k1z_zmm_zmmm512b32);
        assert_eq!((registers(&wide[1]), wide[1].op_mask()), (vec![ZMM1, ZMM2, ZMM3], K1));
        assert_eq!(registers(&widened(&bytes, 32)[0]).len(), 4);
    }
}

/// A loop with an exit in the middle of the code: longer instructions move what is behind them, and
/// branches follow; one that led to a return meets the clean-up before it.
#[test]
fn branches_follow_and_code_goes_on_after_a_return() {
    let add = three(Code::VEX_Vaddps_xmm_xmm_xmmm128, [XMM0, XMM1, XMM2]);
    let sub = three(Code::VEX_Vsubps_xmm_xmm_xmmm128, [XMM0, XMM1, XMM2]);
    let branch = |code, to| Instruction::with_branch(code, to).expect("a branch");
    // 0: vaddps; 4: je 12; 6: jmp 13; 11: nop; 12: ret; 13: vsubps; 17: jmp 0
    let nop = Instruction::with(Code::Nopd);
    let bytes = code(
        &[
            add,
            branch(Code::Je_rel8_64, 12),
            branch(Code::Jmp_rel32_64, 13),
            nop,
            ret(),
            sub,
            branch(Code::Jmp_rel8_64, 0),
        ],
        &[],
    );
    for width in WIDTHS {
        let wide = widened(&bytes, width);
        let at = |code: fn(&Instruction) -> bool| wide.iter().find(|i| code(i)).expect("there").ip();
        let clean = at(|i| i.code() == Code::VEX_Vzeroupper);
        let after = at(|i| i.mnemonic() == Mnemonic::Vsubps);
        assert_eq!(at(|i| i.code() == Code::Retnq), clean + 3);
        let targets: Vec<u64> = wide
            .iter()
            .filter(|i| i.is_jcc_short_or_near() || i.is_jmp_short_or_near())
            .map(|i| i.near_branch64())
            .collect();
        assert_eq!(targets, [clean, after, 0]);
    }
}

/// A woven function's calls become instructions on registers that Cranelift does not know, and the branches
/// around them still lead where they led.
#[test]
fn marks_become_instructions() {
    let branch = |code, to| Instruction::with_branch(code, to).expect("a branch");
    // 0: call zero; 5: call steps; 10: call prefetch; 15: jmp 5; 17: ret
    let call = || branch(Code::Call_rel32_64, 64);
    let bytes = code(&[call(), call(), call(), branch(Code::Jmp_rel8_64, 5), ret()], &[]);
    let marks = Marked::from([(0, Mark::Zero), (5, Mark::Steps), (10, Mark::Prefetch)]);
    assert!(widen(&bytes, 32, &marks).is_err(), "the upper registers are AVX-512's");
    let wide = decode(&widen(&bytes, 64, &marks).expect("known marks")).expect("code");
    let of = |mnemonic| wide.iter().filter(move |i| i.mnemonic() == mnemonic);
    assert_eq!(of(Mnemonic::Call).count(), 0);
    let sums: Vec<u32> = of(Mnemonic::Vpxord).map(|i| i.op0_register().number() as u32).collect();
    assert_eq!(sums, (16..32).collect::<Vec<_>>());
    let sums: Vec<u32> = of(Mnemonic::Vfmadd231ps).map(|i| i.op0_register().number() as u32).collect();
    assert_eq!(sums, (16..32).collect::<Vec<_>>());
    let steps = of(Mnemonic::Test).next().expect("a test of the steps left").ip();
    let step = of(Mnemonic::Vmovups).next().expect("a row of B").ip();
    let ahead: Vec<Instruction> = of(Mnemonic::Prefetcht0).copied().collect();
    let lines: Vec<u64> = ahead.iter().map(|i| i.memory_displacement64()).collect();
    assert_eq!(lines, [4096, 4096 + 64], "the same row of the next block");
    let targets = |mnemonic| of(mnemonic).map(|i| i.near_branch64()).collect::<Vec<_>>();
    assert_eq!((targets(Mnemonic::Je), targets(Mnemonic::Jne)), (vec![ahead[0].ip()], vec![step]));
    assert_eq!(targets(Mnemonic::Jmp), [steps]);
}

#[test]
fn what_is_not_known_is_refused() {
    let two = |code, x: Register, y: Register| Instruction::with2(code, x, y).expect("two registers");
    let constant = MemoryOperand::with_base_displ(Register::RIP, CONSTANTS as i64);
    let refused = [
        ("a call", Instruction::with_branch(Code::Call_rel32_64, 64).expect("a call")),
        ("a call of a pointer", Instruction::with1(Code::Call_rm64, RAX).expect("a call")),
        ("pairs of lanes", three(Code::VEX_Vhaddps_xmm_xmm_xmmm128, [XMM0, XMM1, XMM2])),
        ("doubles", two(Code::VEX_Vcvtps2pd_xmm_xmmm64, XMM0, XMM1)),
        ("one lane out", two(Code::VEX_Vmovd_rm32_xmm, Register::EAX, XMM1)),
        ("half a vector", Instruction::with2(Code::VEX_Vmovq_xmm_xmmm64, XMM0, at(RDI, 0)).expect("a load")),
        ("an aligned stack", Instruction::with2(Code::And_rm64_imm8, RSP, -32).expect("an and")),
        (
            "a number among the constants",
            Instruction::with2(Code::Mov_r64_rm64, RAX, constant).expect("a load"),
        ),
        ("an indexed slot", load(XMM1, MemoryOperand::with_base_index_scale_displ_size(RSP, RAX, 1, 16, 1))),
    ];
    for (what, instruction) in refused {
        let constants = if instruction.is_ip_rel_memory_operand() { &[7; 16][..] } else { &[] };
        let bytes = code(&[instruction, ret()], constants);
        for width in WIDTHS {
            assert!(widen(&bytes, width, &Marked::new()).is_err(), "{what} at {width} bytes");
        }
    }
    for bytes in [&[][..], &[0x06, 0xff], &[0x90], &[0xc5, 0xf8]] {
        assert!(widen(bytes, 64, &Marked::new()).is_err(), "{bytes:?}");
    }
}

/// Every form of the list, in registers and from memory, at both widths.
#[test]
fn the_list_encodes() {
    for &(narrow, ..) in WIDE {
        let name = format!("{narrow:?}");
        let operands: Vec<&str> = name.split('_').filter(|w| w.starts_with("xmm") || *w == "m32").collect();
        let immediate = name.ends_with("imm8");
        for from_memory in [false, true] {
            let mut i = Instruction::default();
            i.set_code(narrow);
            let mut memory = false;
            for (k, operand) in operands.iter().enumerate() {
                let k = k as u32;
                if *operand == "m32" || (from_memory && operand.len() > 3) {
                    memory = true;
                    i.set_op_kind(k, OpKind::Memory);
                    i.set_memory_base(RDI);
                    i.set_memory_displacement64(0x40);
                    i.set_memory_displ_size(1);
                } else {
                    i.set_op_register(k, XMM1 + k);
                }
            }
            if immediate {
                i.set_op_kind(operands.len() as u32, OpKind::Immediate8);
                i.set_immediate8(4);
            }
            let blends = name.contains("blend");
            if from_memory && (!memory || blends) {
                continue;
            }
            let bytes = code(&[i, ret()], &[]);
            for width in WIDTHS {
                let wide = widened(&bytes, width);
                let named = registers(&wide[0]);
                assert!(!named.is_empty() && wide[0].op_mask() == Register::None, "{name}");
                if memory {
                    assert_eq!(wide[0].memory_displacement64(), 0x40, "{name}");
                }
            }
        }
    }
}

/// A refusal costs speed and nothing else, so only this test sees it.
#[cfg(target_arch = "x86_64")]
#[test]
fn no_strip_of_the_library_stays_narrow() {
    let mut refused = Vec::new();
    for (name, recipe) in recipes::all() {
        let graph = kiln_graph::simplify(&recipes::graph(&recipe));
        let schedule = plan(&[Step::new("step", &graph, 33)]);
        for vector_bytes in WIDTHS {
            let target = crate::Target { vector_bytes, ..crate::Target::GOLDEN };
            let found = crate::function::refused(&schedule, target);
            refused.extend(
                found.into_iter().map(|(strip, why)| format!("{name}: {strip} at {vector_bytes}: {why}")),
            );
        }
    }
    assert!(refused.is_empty(), "{}", refused.join("\n"));
}
