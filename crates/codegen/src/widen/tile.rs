//! The instructions of a woven product, in the place of calls that stand for them.
//!
//! Sums of 8 rows by 2 vectors are in zmm16 to zmm31, which Cranelift does not know. As in any call, the first
//! sixteen vector registers, rdi, rsi and rdx are free.

use super::Widening;
use crate::weave::{self, Mark, TILE_ROWS};
use iced_x86::{Code, IcedError, Instruction, MemoryOperand, Register};

const ROWS: u32 = TILE_ROWS as u32;
const BLOCK_BYTES: u32 = weave::BLOCK_BYTES as u32;
const LOAD: Code = Code::EVEX_Vmovups_zmm_k1z_zmmm512;
const STORE: Code = Code::EVEX_Vmovups_zmmm512_k1z_zmm;

/// The sum of a row and a vector.
fn sum(row: u32, vector: u32) -> Register {
    Register::ZMM16 + (2 * row + vector)
}

fn at(base: Register, bytes: u32) -> MemoryOperand {
    MemoryOperand::with_base_displ(base, i64::from(bytes))
}

/// In the row that rdx has come to.
fn in_row(end: Register, bytes: u32) -> MemoryOperand {
    MemoryOperand::with_base_index_scale_displ_size(end, Register::RDX, 1, i64::from(bytes), 1)
}

impl Widening<'_> {
    /// Puts a mark's instructions in the place of its call, which `next` follows.
    pub(super) fn mark(&mut self, mark: Mark, at: u64, next: u64) -> Result<(), String> {
        let code = match mark {
            Mark::Zero => zero(),
            Mark::Load => each_sum(|sum, place| Instruction::with2(LOAD, sum, place)),
            Mark::Store => each_sum(|sum, place| Instruction::with2(STORE, place, sum)),
            Mark::Prefetch => prefetch(),
            Mark::Steps => return self.steps(at, next),
        };
        let code = code.map_err(|e| e.to_string())?;
        self.push_all(code, at);
        Ok(())
    }

    /// Pushes instructions, the first of them with the address of what they replace.
    fn push_all(&mut self, code: Vec<Instruction>, at: u64) {
        for (i, mut instruction) in code.into_iter().enumerate() {
            let ip = if i == 0 { at } else { self.next_added() };
            instruction.set_ip(ip);
            self.out.push(instruction);
        }
    }

    /// `sums[r] += a[r] · b` for rows from `rdx` bytes (0 or less) to the ends of A and B.
    fn steps(&mut self, at: u64, next: u64) -> Result<(), String> {
        let failed = |e: IcedError| e.to_string();
        let start = Instruction::with2(Code::Test_rm64_r64, Register::RDX, Register::RDX).map_err(failed)?;
        self.push_all(vec![start], at);
        self.push_added(Instruction::with_branch(Code::Je_rel32_64, next))?;
        let top = self.out.len();
        for instruction in step().map_err(failed)? {
            self.push_added(Ok(instruction))?;
        }
        self.push_added(Instruction::with2(Code::Sub_rm64_imm8, Register::RDX, -128))?;
        let top = self.out[top].ip();
        self.push_added(Instruction::with_branch(Code::Jne_rel32_64, top))
    }
}

fn zero() -> Result<Vec<Instruction>, IcedError> {
    let zero = |s| Instruction::with3(Code::EVEX_Vpxord_zmm_k1z_zmm_zmmm512b32, s, s, s);
    (0..2 * ROWS).map(|s| zero(Register::ZMM16 + s)).collect()
}

/// Both lines of a row, to the first cache: to the second alone it gains nothing, and with one line of two it is
/// slower than with none.
fn prefetch() -> Result<Vec<Instruction>, IcedError> {
    let line = |bytes| Instruction::with1(Code::Prefetcht0_m8, at(Register::RDI, BLOCK_BYTES + bytes));
    [0, 64].map(line).into_iter().collect()
}

fn each_sum(
    one: impl Fn(Register, MemoryOperand) -> Result<Instruction, IcedError>,
) -> Result<Vec<Instruction>, IcedError> {
    let place = |s: u32| at(Register::RDI, 64 * s);
    (0..2 * ROWS).map(|s| one(Register::ZMM16 + s, place(s))).collect()
}

/// A row of B, then for each row of the tile an element of A times it.
fn step() -> Result<Vec<Instruction>, IcedError> {
    const B: [Register; 2] = [Register::ZMM0, Register::ZMM1];
    const FIRST_ELEMENT: Register = Register::ZMM2;
    const MULTIPLY_ADD: Code = Code::EVEX_Vfmadd231ps_zmm_k1z_zmm_zmmm512b32_er;
    let mut code = vec![
        Instruction::with2(LOAD, B[0], in_row(Register::RSI, 0))?,
        Instruction::with2(LOAD, B[1], in_row(Register::RSI, 64))?,
    ];
    for row in 0..ROWS {
        let element = FIRST_ELEMENT + row;
        let place = in_row(Register::RDI, 4 * row);
        code.push(Instruction::with2(Code::EVEX_Vbroadcastss_zmm_k1z_xmmm32, element, place)?);
        for (vector, b) in (0..).zip(B) {
            code.push(Instruction::with3(MULTIPLY_ADD, sum(row, vector), element, b)?);
        }
    }
    Ok(code)
}
