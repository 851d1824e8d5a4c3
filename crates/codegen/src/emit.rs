//! The emitter's vocabulary: what kernel builders say instead of raw CLIF.
//!
//! Vectors are F32X4 values that stand for a vector of the target's width: all operations
//! are lane by lane, so that the machine code means the same at any width. Nothing here
//! crosses lanes; sums over a row go through memory ([`Emit::horizontal`]).

use crate::target::Target;
use cranelift_codegen::ir::condcodes::{FloatCC, IntCC};
use cranelift_codegen::ir::{self, BlockArg, Endianness, FuncRef, InstBuilder, MemFlagsData, Value, types};
use cranelift_frontend::{FunctionBuilder, FunctionBuilderContext};

/// Emits one function.
pub(crate) struct Emit<'f> {
    pub(crate) b: FunctionBuilder<'f>,
    pub(crate) target: Target,
}

fn bits() -> MemFlagsData {
    MemFlagsData::new().with_endianness(Endianness::Little)
}

impl<'f> Emit<'f> {
    /// Begins a function; gives its parameters.
    pub(crate) fn begin(
        func: &'f mut ir::Function,
        context: &'f mut FunctionBuilderContext,
        target: Target,
    ) -> (Emit<'f>, Vec<Value>) {
        let mut b = FunctionBuilder::new(func, context);
        let entry = b.create_block();
        b.append_block_params_for_function_params(entry);
        b.switch_to_block(entry);
        let params = b.block_params(entry).to_vec();
        (Emit { b, target }, params)
    }

    /// Ends the function.
    pub(crate) fn end(mut self, frontend: cranelift_codegen::isa::TargetFrontendConfig) {
        self.b.ins().return_(&[]);
        self.b.seal_all_blocks();
        self.b.finalize(frontend);
    }

    // ---- addresses

    pub(crate) fn int(&mut self, n: i64) -> Value {
        self.b.ins().iconst(types::I64, n)
    }

    pub(crate) fn iadd(&mut self, x: Value, y: Value) -> Value {
        self.b.ins().iadd(x, y)
    }

    pub(crate) fn plus(&mut self, x: Value, n: i64) -> Value {
        if n == 0 { x } else { self.b.ins().iadd_imm_s(x, n) }
    }

    pub(crate) fn times(&mut self, x: Value, n: i64) -> Value {
        match n {
            1 => x,
            n if n > 0 && n.count_ones() == 1 => self.b.ins().ishl_imm_u(x, i64::from(n.trailing_zeros())),
            n => self.b.ins().imul_imm_s(x, n),
        }
    }

    pub(crate) fn smaller(&mut self, x: Value, y: Value) -> Value {
        let less = self.b.ins().icmp(IntCC::SignedLessThan, x, y);
        self.b.ins().select(less, x, y)
    }

    pub(crate) fn larger(&mut self, x: Value, y: Value) -> Value {
        let less = self.b.ins().icmp(IntCC::SignedLessThan, x, y);
        self.b.ins().select(less, y, x)
    }

    /// `base + offset`, split so that the constant part fits an instruction.
    pub(crate) fn place(&mut self, base: Value, offset: u64) -> (Value, i32) {
        match i32::try_from(offset) {
            Ok(small) => (base, small),
            Err(_) => (self.plus(base, offset as i64), 0),
        }
    }

    // ---- memory

    pub(crate) fn load(&mut self, base: Value, offset: u64) -> Value {
        let (base, offset) = self.place(base, offset);
        self.b.ins().load(types::F32X4, MemFlagsData::trusted(), base, offset)
    }

    pub(crate) fn store(&mut self, value: Value, base: Value, offset: u64) {
        let (base, offset) = self.place(base, offset);
        self.b.ins().store(MemFlagsData::trusted(), value, base, offset);
    }

    pub(crate) fn load_one(&mut self, base: Value, offset: u64) -> Value {
        let (base, offset) = self.place(base, offset);
        self.b.ins().load(types::F32, MemFlagsData::trusted(), base, offset)
    }

    /// A small whole number, for addresses.
    pub(crate) fn load_index(&mut self, base: Value, offset: u64) -> Value {
        let (base, offset) = self.place(base, offset);
        self.b.ins().uload32(MemFlagsData::trusted(), base, offset)
    }

    /// One number in all lanes.
    pub(crate) fn load_splat(&mut self, base: Value, offset: u64) -> Value {
        let one = self.load_one(base, offset);
        self.b.ins().splat(types::F32X4, one)
    }

    /// One 32-bit integer in all lanes.
    pub(crate) fn load_splat_int(&mut self, base: Value, offset: u64) -> Value {
        let (base, offset) = self.place(base, offset);
        let one = self.b.ins().load(types::I32, MemFlagsData::trusted(), base, offset);
        self.b.ins().splat(types::I32X4, one)
    }

    // ---- f32 lanes

    pub(crate) fn splat(&mut self, x: f32) -> Value {
        let x = self.b.ins().f32const(x);
        self.b.ins().splat(types::F32X4, x)
    }

    pub(crate) fn add(&mut self, x: Value, y: Value) -> Value {
        self.b.ins().fadd(x, y)
    }

    pub(crate) fn sub(&mut self, x: Value, y: Value) -> Value {
        self.b.ins().fsub(x, y)
    }

    pub(crate) fn mul(&mut self, x: Value, y: Value) -> Value {
        self.b.ins().fmul(x, y)
    }

    pub(crate) fn div(&mut self, x: Value, y: Value) -> Value {
        self.b.ins().fdiv(x, y)
    }

    pub(crate) fn sqrt(&mut self, x: Value) -> Value {
        self.b.ins().sqrt(x)
    }

    /// `x · y + z`: one rounding where the processor can, two elsewhere.
    pub(crate) fn fma(&mut self, x: Value, y: Value, z: Value) -> Value {
        if self.target.fma {
            return self.b.ins().fma(x, y, z);
        }
        let xy = self.mul(x, y);
        self.add(xy, z)
    }

    /// `x > y ? x : y`: one `maxps`; `y` where either is NaN.
    pub(crate) fn max(&mut self, x: Value, y: Value) -> Value {
        let above = self.greater(x, y);
        self.select(above, x, y)
    }

    /// `x < y ? x : y`: one `minps`; `y` where either is NaN.
    pub(crate) fn min(&mut self, x: Value, y: Value) -> Value {
        let c = self.b.ins().fcmp(FloatCC::LessThan, x, y);
        let below = self.as_float(c);
        self.select(below, x, y)
    }

    pub(crate) fn nearest(&mut self, x: Value) -> Value {
        self.b.ins().nearest(x)
    }

    // ---- masks: all bits of a lane, as f32 lanes

    /// `x > y`
    pub(crate) fn greater(&mut self, x: Value, y: Value) -> Value {
        // `y < x`: the form that `maxps` is recognised by.
        let c = self.b.ins().fcmp(FloatCC::LessThan, y, x);
        self.as_float(c)
    }

    /// `x = y`
    pub(crate) fn equal(&mut self, x: Value, y: Value) -> Value {
        let c = self.b.ins().fcmp(FloatCC::Equal, x, y);
        self.as_float(c)
    }

    /// `x ≠ y`, or either is NaN
    pub(crate) fn differs(&mut self, x: Value, y: Value) -> Value {
        let c = self.b.ins().fcmp(FloatCC::NotEqual, x, y);
        self.as_float(c)
    }

    pub(crate) fn select(&mut self, mask: Value, x: Value, y: Value) -> Value {
        self.b.ins().bitselect(mask, x, y)
    }

    /// `1` where the mask is set, else `0`.
    pub(crate) fn mask_to_one(&mut self, mask: Value) -> Value {
        let one = self.splat(1.0);
        self.b.ins().band(mask, one)
    }

    pub(crate) fn and(&mut self, x: Value, y: Value) -> Value {
        self.b.ins().band(x, y)
    }

    pub(crate) fn or(&mut self, x: Value, y: Value) -> Value {
        self.b.ins().bor(x, y)
    }

    pub(crate) fn xor(&mut self, x: Value, y: Value) -> Value {
        self.b.ins().bxor(x, y)
    }

    // ---- integer lanes

    pub(crate) fn splat_int(&mut self, x: u32) -> Value {
        let x = self.b.ins().iconst(types::I32, i64::from(x as i32));
        self.b.ins().splat(types::I32X4, x)
    }

    pub(crate) fn as_float(&mut self, x: Value) -> Value {
        self.b.ins().bitcast(types::F32X4, bits(), x)
    }

    pub(crate) fn as_int(&mut self, x: Value) -> Value {
        self.b.ins().bitcast(types::I32X4, bits(), x)
    }

    /// A whole number in f32 lanes to i32 lanes.
    pub(crate) fn whole_part(&mut self, x: Value) -> Value {
        if self.target.x86 {
            self.b.ins().x86_cvtt2dq(types::I32X4, x)
        } else {
            self.b.ins().fcvt_to_sint_sat(types::I32X4, x)
        }
    }

    pub(crate) fn int_to_float(&mut self, x: Value) -> Value {
        self.b.ins().fcvt_from_sint(types::F32X4, x)
    }

    pub(crate) fn shift_left(&mut self, x: Value, n: i64) -> Value {
        self.b.ins().ishl_imm_u(x, n)
    }

    pub(crate) fn shift_right(&mut self, x: Value, n: i64) -> Value {
        self.b.ins().ushr_imm_u(x, n)
    }

    pub(crate) fn shift_right_signed(&mut self, x: Value, n: i64) -> Value {
        self.b.ins().sshr_imm_u(x, n)
    }

    // ---- loops

    /// `for i in (from..to).step_by(step) { body }`, with values carried from one turn to the
    /// next; gives what they are after the last. What is the same in every turn, loads apart, is computed before
    /// the first.
    pub(crate) fn for_range(
        &mut self,
        range: (Value, Value, i64),
        carried: &[Value],
        body: impl FnOnce(&mut Emit<'f>, Value, &[Value]) -> Vec<Value>,
    ) -> Vec<Value> {
        self.repeat(range, carried, true, body)
    }

    /// The same, but nothing leaves the body: where a call ends every turn, what was computed before would only
    /// be spilled and loaded again.
    pub(crate) fn for_range_as_written(
        &mut self,
        range: (Value, Value, i64),
        carried: &[Value],
        body: impl FnOnce(&mut Emit<'f>, Value, &[Value]) -> Vec<Value>,
    ) -> Vec<Value> {
        self.repeat(range, carried, false, body)
    }

    fn repeat(
        &mut self,
        (from, to, step): (Value, Value, i64),
        carried: &[Value],
        hoist: bool,
        body: impl FnOnce(&mut Emit<'f>, Value, &[Value]) -> Vec<Value>,
    ) -> Vec<Value> {
        let (head, inside, after) = (self.b.create_block(), self.b.create_block(), self.b.create_block());
        self.b.append_block_param(head, types::I64);
        for &v in carried {
            let ty = self.b.func.dfg.value_type(v);
            self.b.append_block_param(head, ty);
        }
        let args: Vec<BlockArg> =
            std::iter::once(from).chain(carried.iter().copied()).map(BlockArg::from).collect();
        self.b.ins().jump(head, &args);
        self.b.switch_to_block(head);
        let params = self.b.block_params(head).to_vec();
        // Cranelift hoists out of a loop whose body comes before its exit when it goes through the blocks,
        // that is where the exit is the first target of the branch.
        if hoist {
            let done = self.b.ins().icmp(IntCC::SignedGreaterThanOrEqual, params[0], to);
            self.b.ins().brif(done, after, &[], inside, &[]);
        } else {
            let more = self.b.ins().icmp(IntCC::SignedLessThan, params[0], to);
            self.b.ins().brif(more, inside, &[], after, &[]);
        }
        self.b.switch_to_block(inside);
        let next = body(self, params[0], &params[1..]);
        let i = self.plus(params[0], step);
        let args: Vec<BlockArg> = std::iter::once(i).chain(next).map(BlockArg::from).collect();
        self.b.ins().jump(head, &args);
        self.b.switch_to_block(after);
        params[1..].to_vec()
    }

    /// Runs `body` where `n > 0`.
    pub(crate) fn if_positive(&mut self, n: Value, body: impl FnOnce(&mut Emit<'f>)) {
        let (inside, after) = (self.b.create_block(), self.b.create_block());
        let more = self.b.ins().icmp_imm_s(IntCC::SignedGreaterThan, n, 0);
        self.b.ins().brif(more, inside, &[], after, &[]);
        self.b.switch_to_block(inside);
        body(self);
        self.b.ins().jump(after, &[]);
        self.b.switch_to_block(after);
    }

    pub(crate) fn call(&mut self, callee: FuncRef, args: &[Value]) {
        self.b.ins().call(callee, args);
    }
}
