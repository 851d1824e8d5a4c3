//! Widening: the machine code of a lane-wise function, re-encoded for wider vectors.
//!
//! In: x86-64 code that Cranelift made on 128-bit vectors, and the width to bring it to.
//! Out: the same instructions on 256- or 512-bit registers, or why that cannot be.
//!
//! The one idea: an operation that never crosses lanes means the same at any width. So
//! each instruction of a whitelist is exchanged for its wide form, each 16-byte constant
//! is repeated, and the stack frame grows by the same factor (every slot keeps its place
//! in proportion, whatever it holds). The addresses in the code were made for the wide
//! vectors from the start. Anything not on the list is refused, and the caller keeps the
//! 128-bit code. Both give the same bits, lane by lane.
//!
//! Comparisons need care at 512 bits: there they write a mask register, so each becomes
//! a comparison and an expansion of the mask to lanes.

use crate::weave::Mark;
use iced_x86::{
    BlockEncoder, BlockEncoderOptions, Code, Decoder, DecoderOptions, Instruction, InstructionBlock,
    Mnemonic, OpKind, Register,
};
use std::collections::BTreeMap;

/// Instructions added by an expansion get addresses from here on: no branch leads to them.
const ADDED: u64 = 0x4000_0000;

/// Instructions that stand for others, by address.
pub(crate) type Marked = BTreeMap<u64, Mark>;

/// Bytes that the instructions of a mark have at most.
const MARK_BYTES: usize = 512;

/// Re-encodes `bytes` for vectors of `width` bytes (32 or 64).
pub(crate) fn widen(bytes: &[u8], width: u32, marks: &Marked) -> Result<Vec<u8>, String> {
    let code = decode(bytes)?;
    let pool = Pool::new(bytes.len() + marks.len() * MARK_BYTES / 4, bytes, width);
    let mut w = Widening { bytes, width, pool, out: Vec::new(), added: ADDED, marks };
    for instruction in &code {
        w.instruction(instruction)?;
    }
    w.encode()
}

/// The instructions, without the constants behind them.
fn decode(bytes: &[u8]) -> Result<Vec<Instruction>, String> {
    let mut decoder = Decoder::with_ip(64, bytes, 0, DecoderOptions::NONE);
    let mut end = bytes.len() as u64;
    let mut code = Vec::new();
    while decoder.can_decode() && decoder.ip() < end {
        let i = decoder.decode();
        if i.is_invalid() {
            return Err(format!("no instruction at {:#x}", i.ip()));
        }
        if i.is_ip_rel_memory_operand() {
            end = end.min(i.ip_rel_memory_address());
        }
        code.push(i);
    }
    // Padding between the code and its constants decodes to something, but the last block leaves it.
    let leaves = |i: &Instruction| matches!(i.mnemonic(), Mnemonic::Ret | Mnemonic::Jmp);
    let last = code.iter().rposition(leaves).ok_or("no return")?;
    code.truncate(last + 1);
    Ok(code)
}

/// Constants, each repeated to the full width.
struct Pool<'a> {
    bytes: &'a [u8],
    width: u32,
    base: u64,
    data: Vec<u8>,
    known: BTreeMap<(u64, usize), u64>,
}

impl Pool<'_> {
    /// For code of `len` bytes.
    fn new(len: usize, bytes: &[u8], width: u32) -> Pool<'_> {
        // Wide encodings are at most three times as long; checked once the code is there.
        let base = (len as u64 * 4).next_multiple_of(64);
        Pool { bytes, width, base, data: Vec::new(), known: BTreeMap::new() }
    }

    /// The new address of the constant of `size` bytes at `at`.
    fn place(&mut self, at: u64, size: usize) -> Result<u64, String> {
        if let Some(&known) = self.known.get(&(at, size)) {
            return Ok(known);
        }
        let from = at as usize;
        let constant = self.bytes.get(from..from + size).ok_or_else(|| format!("a constant at {at:#x}"))?;
        let place = self.base + self.data.len() as u64;
        for _ in 0..self.width as usize / size {
            self.data.extend_from_slice(constant);
        }
        self.known.insert((at, size), place);
        Ok(place)
    }
}

struct Widening<'a> {
    bytes: &'a [u8],
    width: u32,
    pool: Pool<'a>,
    out: Vec<Instruction>,
    added: u64,
    marks: &'a Marked,
}

impl Widening<'_> {
    fn factor(&self) -> u64 {
        u64::from(self.width / 16)
    }

    fn instruction(&mut self, i: &Instruction) -> Result<(), String> {
        let mut n = *i;
        self.scale_frame(&mut n)?;
        let on_vectors =
            (0..i.op_count()).any(|k| i.op_kind(k) == OpKind::Register && i.op_register(k).is_xmm());
        if !on_vectors {
            if i.mnemonic() == Mnemonic::Ret {
                let mut clear = Instruction::with(Code::VEX_Vzeroupper);
                clear.set_ip(i.ip());
                self.out.push(clear);
                n.set_ip(self.next_added());
            }
            if i.mnemonic() == Mnemonic::Call {
                let mark = self.marks.get(&i.ip()).filter(|_| self.width == 64).ok_or("a call")?;
                return self.mark(*mark, i.ip(), i.next_ip());
            }
            if i.is_ip_rel_memory_operand() {
                // Only constants of vectors move to the new pool.
                return Err("a number among the constants".into());
            }
            self.out.push(n);
            return Ok(());
        }
        self.move_constant(i, &mut n)?;
        match i.code() {
            // One lane only, then broadcast: the same at any width.
            Code::VEX_Vmovss_xmm_m32
            | Code::VEX_Vmovd_xmm_rm32
            | Code::Movd_xmm_rm32
            | Code::Movss_xmm_xmmm32 => {
                self.out.push(n);
                Ok(())
            }
            Code::VEX_Vcmpps_xmm_xmm_xmmm128_imm8 if self.width == 64 => {
                self.compare(&n, Code::EVEX_Vcmpps_kr_k1_zmm_zmmm512b32_imm8_sae)
            }
            Code::VEX_Vpcmpeqd_xmm_xmm_xmmm128 if self.width == 64 => {
                self.compare(&n, Code::EVEX_Vpcmpeqd_kr_k1_zmm_zmmm512b32)
            }
            Code::VEX_Vblendvps_xmm_xmm_xmmm128_xmm | Code::VEX_Vpblendvb_xmm_xmm_xmmm128_xmm
                if self.width == 64 =>
            {
                self.blend(&n)
            }
            code => {
                let wide = wide_form(code, self.width).ok_or_else(|| format!("{code:?} at {:#x}", i.ip()))?;
                n.set_code(wide);
                self.widen_registers(&mut n);
                self.out.push(n);
                Ok(())
            }
        }
    }

    fn next_added(&mut self) -> u64 {
        self.added += 16;
        self.added
    }

    /// The frame and its slots grow by the factor.
    fn scale_frame(&self, n: &mut Instruction) -> Result<(), String> {
        let has_memory = (0..n.op_count()).any(|k| n.op_kind(k) == OpKind::Memory);
        if has_memory && n.memory_base() == Register::RSP {
            if n.memory_index() != Register::None {
                return Err("an indexed stack slot".into());
            }
            n.set_memory_displacement64(n.memory_displacement64() * self.factor());
            n.set_memory_displ_size(8);
            return Ok(());
        }
        let moves_stack =
            n.op_count() > 1 && n.op0_kind() == OpKind::Register && n.op0_register() == Register::RSP;
        if moves_stack {
            let wide = match n.mnemonic() {
                Mnemonic::Sub => Code::Sub_rm64_imm32,
                Mnemonic::Add => Code::Add_rm64_imm32,
                Mnemonic::Mov => return Ok(()),
                other => return Err(format!("{other:?} of the stack pointer")),
            };
            let bytes = n.immediate32to64() * self.factor() as i64;
            let bytes = i32::try_from(bytes).map_err(|_| "a huge frame".to_owned())?;
            let ip = n.ip();
            *n = Instruction::with2(wide, Register::RSP, bytes).map_err(|e| e.to_string())?;
            n.set_ip(ip);
        }
        Ok(())
    }

    /// Points at the repeated constant.
    fn move_constant(&mut self, i: &Instruction, n: &mut Instruction) -> Result<(), String> {
        if !i.is_ip_rel_memory_operand() {
            return Ok(());
        }
        let size = i.memory_size().size();
        if size != 4 && size != 16 {
            return Err(format!("a constant of {size} bytes"));
        }
        let place = self.pool.place(i.ip_rel_memory_address(), size)?;
        n.set_memory_displacement64(place);
        Ok(())
    }

    fn widen_registers(&self, n: &mut Instruction) {
        let one_lane = matches!(
            n.code(),
            Code::EVEX_Vbroadcastss_zmm_k1z_xmmm32
                | Code::EVEX_Vpbroadcastd_zmm_k1z_xmmm32
                | Code::VEX_Vbroadcastss_ymm_xmm
                | Code::VEX_Vpbroadcastd_ymm_xmmm32
        );
        for k in 0..n.op_count() {
            if n.op_kind(k) == OpKind::Register && n.op_register(k).is_xmm() && !(one_lane && k == 1) {
                n.set_op_register(k, self.wide(n.op_register(k)));
            }
        }
    }

    fn wide(&self, r: Register) -> Register {
        let first = if self.width == 64 { Register::ZMM0 } else { Register::YMM0 };
        first + r.number() as u32
    }

    /// `x op y` to a mask register, and that to lanes of all ones.
    fn compare(&mut self, n: &Instruction, code: Code) -> Result<(), String> {
        let target = self.wide(n.op0_register());
        let mut compare = *n;
        compare.set_code(code);
        self.widen_registers(&mut compare);
        compare.set_op0_register(Register::K1);
        self.out.push(compare);
        self.push_added(Instruction::with2(Code::EVEX_Vpmovm2d_zmm_kr, target, Register::K1))
    }

    /// `mask ? y : x`: the mask's signs to a mask register, then a masked blend.
    fn blend(&mut self, n: &Instruction) -> Result<(), String> {
        let mask = self.wide(n.op3_register());
        let mut to_mask =
            Instruction::with2(Code::EVEX_Vpmovd2m_kr_zmm, Register::K1, mask).map_err(|e| e.to_string())?;
        to_mask.set_ip(n.ip());
        self.out.push(to_mask);
        let (to, x) = (self.wide(n.op0_register()), self.wide(n.op1_register()));
        let code = Code::EVEX_Vblendmps_zmm_k1z_zmm_zmmm512b32;
        let mut blend = if n.op2_kind() == OpKind::Register {
            let y = self.wide(n.op2_register());
            Instruction::with3(code, to, x, y).map_err(|e| e.to_string())?
        } else {
            return Err("a blend with memory".into());
        };
        blend.set_op_mask(Register::K1);
        self.push_added(Ok(blend))
    }

    fn push_added(&mut self, i: Result<Instruction, iced_x86::IcedError>) -> Result<(), String> {
        let mut i = i.map_err(|e| e.to_string())?;
        i.set_ip(self.next_added());
        self.out.push(i);
        Ok(())
    }

    fn encode(self) -> Result<Vec<u8>, String> {
        let block = InstructionBlock::new(&self.out, 0);
        let encoded =
            BlockEncoder::encode(64, block, BlockEncoderOptions::NONE).map_err(|e| e.to_string())?;
        let mut code = encoded.code_buffer;
        let base = self.pool.base as usize;
        if code.len() > base {
            return Err(format!("{} bytes became {}", self.bytes.len(), code.len()));
        }
        if !self.pool.data.is_empty() {
            // Nothing runs between the last return and the constants; make it trap if it did.
            code.resize(base, 0xcc);
            code.extend(&self.pool.data);
        }
        Ok(code)
    }
}

/// The wide form of an instruction that works lane by lane.
fn wide_form(code: Code, width: u32) -> Option<Code> {
    let (ymm, zmm) = WIDE.iter().find(|w| w.0 == code).map(|w| (w.1, w.2))?;
    Some(if width == 64 { zmm } else { ymm })
}

macro_rules! wide {
    ($($narrow:ident => $ymm:ident, $zmm:ident;)*) => {
        /// The whitelist: 128-bit form, 256-bit form, 512-bit form.
        const WIDE: &[(Code, Code, Code)] = &[$((Code::$narrow, Code::$ymm, Code::$zmm),)*];
    };
}

wide! {
    VEX_Vmovups_xmm_xmmm128 => VEX_Vmovups_ymm_ymmm256, EVEX_Vmovups_zmm_k1z_zmmm512;
    VEX_Vmovaps_xmm_xmmm128 => VEX_Vmovups_ymm_ymmm256, EVEX_Vmovups_zmm_k1z_zmmm512;
    VEX_Vmovdqu_xmm_xmmm128 => VEX_Vmovups_ymm_ymmm256, EVEX_Vmovups_zmm_k1z_zmmm512;
    VEX_Vmovdqa_xmm_xmmm128 => VEX_Vmovups_ymm_ymmm256, EVEX_Vmovups_zmm_k1z_zmmm512;
    Movups_xmm_xmmm128 => VEX_Vmovups_ymm_ymmm256, EVEX_Vmovups_zmm_k1z_zmmm512;
    Movaps_xmm_xmmm128 => VEX_Vmovups_ymm_ymmm256, EVEX_Vmovups_zmm_k1z_zmmm512;
    Movdqu_xmm_xmmm128 => VEX_Vmovups_ymm_ymmm256, EVEX_Vmovups_zmm_k1z_zmmm512;
    Movdqa_xmm_xmmm128 => VEX_Vmovups_ymm_ymmm256, EVEX_Vmovups_zmm_k1z_zmmm512;
    VEX_Vmovups_xmmm128_xmm => VEX_Vmovups_ymmm256_ymm, EVEX_Vmovups_zmmm512_k1z_zmm;
    VEX_Vmovaps_xmmm128_xmm => VEX_Vmovups_ymmm256_ymm, EVEX_Vmovups_zmmm512_k1z_zmm;
    VEX_Vmovdqu_xmmm128_xmm => VEX_Vmovups_ymmm256_ymm, EVEX_Vmovups_zmmm512_k1z_zmm;
    VEX_Vmovdqa_xmmm128_xmm => VEX_Vmovups_ymmm256_ymm, EVEX_Vmovups_zmmm512_k1z_zmm;
    Movups_xmmm128_xmm => VEX_Vmovups_ymmm256_ymm, EVEX_Vmovups_zmmm512_k1z_zmm;
    Movdqu_xmmm128_xmm => VEX_Vmovups_ymmm256_ymm, EVEX_Vmovups_zmmm512_k1z_zmm;
    VEX_Vaddps_xmm_xmm_xmmm128 => VEX_Vaddps_ymm_ymm_ymmm256, EVEX_Vaddps_zmm_k1z_zmm_zmmm512b32_er;
    VEX_Vsubps_xmm_xmm_xmmm128 => VEX_Vsubps_ymm_ymm_ymmm256, EVEX_Vsubps_zmm_k1z_zmm_zmmm512b32_er;
    VEX_Vmulps_xmm_xmm_xmmm128 => VEX_Vmulps_ymm_ymm_ymmm256, EVEX_Vmulps_zmm_k1z_zmm_zmmm512b32_er;
    VEX_Vdivps_xmm_xmm_xmmm128 => VEX_Vdivps_ymm_ymm_ymmm256, EVEX_Vdivps_zmm_k1z_zmm_zmmm512b32_er;
    VEX_Vminps_xmm_xmm_xmmm128 => VEX_Vminps_ymm_ymm_ymmm256, EVEX_Vminps_zmm_k1z_zmm_zmmm512b32_sae;
    VEX_Vmaxps_xmm_xmm_xmmm128 => VEX_Vmaxps_ymm_ymm_ymmm256, EVEX_Vmaxps_zmm_k1z_zmm_zmmm512b32_sae;
    VEX_Vsqrtps_xmm_xmmm128 => VEX_Vsqrtps_ymm_ymmm256, EVEX_Vsqrtps_zmm_k1z_zmmm512b32_er;
    VEX_Vfmadd132ps_xmm_xmm_xmmm128 => VEX_Vfmadd132ps_ymm_ymm_ymmm256, EVEX_Vfmadd132ps_zmm_k1z_zmm_zmmm512b32_er;
    VEX_Vfmadd213ps_xmm_xmm_xmmm128 => VEX_Vfmadd213ps_ymm_ymm_ymmm256, EVEX_Vfmadd213ps_zmm_k1z_zmm_zmmm512b32_er;
    VEX_Vfmadd231ps_xmm_xmm_xmmm128 => VEX_Vfmadd231ps_ymm_ymm_ymmm256, EVEX_Vfmadd231ps_zmm_k1z_zmm_zmmm512b32_er;
    VEX_Vfnmadd132ps_xmm_xmm_xmmm128 => VEX_Vfnmadd132ps_ymm_ymm_ymmm256, EVEX_Vfnmadd132ps_zmm_k1z_zmm_zmmm512b32_er;
    VEX_Vfnmadd213ps_xmm_xmm_xmmm128 => VEX_Vfnmadd213ps_ymm_ymm_ymmm256, EVEX_Vfnmadd213ps_zmm_k1z_zmm_zmmm512b32_er;
    VEX_Vfnmadd231ps_xmm_xmm_xmmm128 => VEX_Vfnmadd231ps_ymm_ymm_ymmm256, EVEX_Vfnmadd231ps_zmm_k1z_zmm_zmmm512b32_er;
    VEX_Vroundps_xmm_xmmm128_imm8 => VEX_Vroundps_ymm_ymmm256_imm8, EVEX_Vrndscaleps_zmm_k1z_zmmm512b32_imm8_sae;
    VEX_Vcvttps2dq_xmm_xmmm128 => VEX_Vcvttps2dq_ymm_ymmm256, EVEX_Vcvttps2dq_zmm_k1z_zmmm512b32_sae;
    VEX_Vcvtdq2ps_xmm_xmmm128 => VEX_Vcvtdq2ps_ymm_ymmm256, EVEX_Vcvtdq2ps_zmm_k1z_zmmm512b32_er;
    VEX_Vpaddd_xmm_xmm_xmmm128 => VEX_Vpaddd_ymm_ymm_ymmm256, EVEX_Vpaddd_zmm_k1z_zmm_zmmm512b32;
    VEX_Vpsubd_xmm_xmm_xmmm128 => VEX_Vpsubd_ymm_ymm_ymmm256, EVEX_Vpsubd_zmm_k1z_zmm_zmmm512b32;
    VEX_Vpmulld_xmm_xmm_xmmm128 => VEX_Vpmulld_ymm_ymm_ymmm256, EVEX_Vpmulld_zmm_k1z_zmm_zmmm512b32;
    VEX_Vpslld_xmm_xmm_imm8 => VEX_Vpslld_ymm_ymm_imm8, EVEX_Vpslld_zmm_k1z_zmmm512b32_imm8;
    VEX_Vpsrld_xmm_xmm_imm8 => VEX_Vpsrld_ymm_ymm_imm8, EVEX_Vpsrld_zmm_k1z_zmmm512b32_imm8;
    VEX_Vpsrad_xmm_xmm_imm8 => VEX_Vpsrad_ymm_ymm_imm8, EVEX_Vpsrad_zmm_k1z_zmmm512b32_imm8;
    VEX_Vxorps_xmm_xmm_xmmm128 => VEX_Vxorps_ymm_ymm_ymmm256, EVEX_Vpxord_zmm_k1z_zmm_zmmm512b32;
    VEX_Vandps_xmm_xmm_xmmm128 => VEX_Vandps_ymm_ymm_ymmm256, EVEX_Vpandd_zmm_k1z_zmm_zmmm512b32;
    VEX_Vandnps_xmm_xmm_xmmm128 => VEX_Vandnps_ymm_ymm_ymmm256, EVEX_Vpandnd_zmm_k1z_zmm_zmmm512b32;
    VEX_Vorps_xmm_xmm_xmmm128 => VEX_Vorps_ymm_ymm_ymmm256, EVEX_Vpord_zmm_k1z_zmm_zmmm512b32;
    VEX_Vpxor_xmm_xmm_xmmm128 => VEX_Vpxor_ymm_ymm_ymmm256, EVEX_Vpxord_zmm_k1z_zmm_zmmm512b32;
    VEX_Vpand_xmm_xmm_xmmm128 => VEX_Vpand_ymm_ymm_ymmm256, EVEX_Vpandd_zmm_k1z_zmm_zmmm512b32;
    VEX_Vpandn_xmm_xmm_xmmm128 => VEX_Vpandn_ymm_ymm_ymmm256, EVEX_Vpandnd_zmm_k1z_zmm_zmmm512b32;
    VEX_Vpor_xmm_xmm_xmmm128 => VEX_Vpor_ymm_ymm_ymmm256, EVEX_Vpord_zmm_k1z_zmm_zmmm512b32;
    VEX_Vbroadcastss_xmm_m32 => VEX_Vbroadcastss_ymm_m32, EVEX_Vbroadcastss_zmm_k1z_xmmm32;
    VEX_Vbroadcastss_xmm_xmm => VEX_Vbroadcastss_ymm_xmm, EVEX_Vbroadcastss_zmm_k1z_xmmm32;
    VEX_Vpbroadcastd_xmm_xmmm32 => VEX_Vpbroadcastd_ymm_xmmm32, EVEX_Vpbroadcastd_zmm_k1z_xmmm32;
    VEX_Vcmpps_xmm_xmm_xmmm128_imm8 => VEX_Vcmpps_ymm_ymm_ymmm256_imm8, INVALID;
    VEX_Vpcmpeqd_xmm_xmm_xmmm128 => VEX_Vpcmpeqd_ymm_ymm_ymmm256, INVALID;
    VEX_Vblendvps_xmm_xmm_xmmm128_xmm => VEX_Vblendvps_ymm_ymm_ymmm256_ymm, INVALID;
    VEX_Vpblendvb_xmm_xmm_xmmm128_xmm => VEX_Vpblendvb_ymm_ymm_ymmm256_ymm, INVALID;
}

mod tile;

#[cfg(test)]
mod tests;
