//! A session: a compiled program, its memory, and what its states are.

use crate::error::RuntimeError;
use crate::fields;
use kiln_codegen::{Hooks, Job, Memory, Program};
use kiln_data::Dataset;
use kiln_graph::{Extent, StateDecl, StateRole};
use kiln_record::{Tensor, tensors};

/// The entry that trains.
pub const TRAIN: &str = "train";
/// The entry that evaluates: same outputs, no change of states.
pub const EVALUATE: &str = "evaluate";
/// More threads than any machine of this kind has cores; a system may refuse to start more.
const THREADS_MAX: usize = 256;

/// A compiled model in memory.
#[derive(Debug)]
pub struct Session {
    program: Program,
    memory: Memory,
    states: Vec<StateDecl>,
}

impl Session {
    /// All states zero. `states` are the declarations of the graphs that the program was made from, in
    /// their order, which tells the random streams of their initial values apart.
    ///
    /// # Panics
    /// Where the program lacks one of the states: a bug of the caller.
    pub fn new(program: Program, states: Vec<StateDecl>) -> Session {
        let memory = Memory::new(&program);
        for state in &states {
            let known = program.schedule().states.iter().any(|s| s.name == state.name);
            assert!(known, "runtime: the program has no state {}", state.name);
        }
        Session { program, memory, states }
    }

    /// The program.
    pub fn program(&self) -> &Program {
        &self.program
    }

    /// Bytes of states and workspace.
    pub fn memory_bytes(&self) -> usize {
        self.memory.bytes()
    }

    /// What the states are.
    pub fn states(&self) -> &[StateDecl] {
        &self.states
    }

    /// Gives every state its initial value under this seed.
    pub fn initialise(&mut self, seed: u64) {
        for (stream, state) in self.states.iter().enumerate() {
            let [rows, cols] = extents(state);
            let values = state.initial.fill(rows as u32, cols as u32, seed, stream as u32);
            self.memory.set_state(&state.name, &values);
        }
    }

    /// Every state, optimizer states too.
    pub fn all_states(&self) -> Vec<Tensor> {
        self.tensors(|_| true)
    }

    /// Parameters and statistics: what the model is in use.
    pub fn weights(&self) -> Vec<Tensor> {
        self.tensors(is_weight)
    }

    /// Sets every state.
    ///
    /// # Errors
    /// [`RuntimeError::Weights`]: a state is missing, left over or of another shape. Nothing is changed then.
    pub fn set_all_states(&mut self, tensors: Vec<Tensor>) -> Result<(), RuntimeError> {
        self.set(tensors, |_| true)
    }

    /// Sets parameters and statistics.
    ///
    /// # Errors
    /// As [`Session::set_all_states`].
    pub fn set_weights(&mut self, tensors: Vec<Tensor>) -> Result<(), RuntimeError> {
        self.set(tensors, is_weight)
    }

    /// One state, row by row.
    pub fn state(&self, name: &str) -> Option<Vec<f32>> {
        self.memory.state(name)
    }

    fn tensors(&self, which: fn(&StateDecl) -> bool) -> Vec<Tensor> {
        let tensor = |state: &StateDecl| {
            let values = self.memory.state(&state.name).unwrap_or_default();
            Tensor::from_matrix(state.name.clone(), extents(state), values)
        };
        self.states.iter().filter(|s| which(s)).map(tensor).collect()
    }

    fn set(&mut self, given: Vec<Tensor>, which: fn(&StateDecl) -> bool) -> Result<(), RuntimeError> {
        let wanted: Vec<(&str, [usize; 2])> =
            self.states.iter().filter(|s| which(s)).map(|s| (s.name.as_str(), extents(s))).collect();
        let arranged = tensors::arrange(given, &wanted).map_err(RuntimeError::Weights)?;
        for tensor in arranged {
            self.memory.set_state(&tensor.name, &tensor.data);
        }
        Ok(())
    }

    /// Runs an entry over the samples `order`, a batch at a time, on so many threads, this one included.
    ///
    /// Workers live as long as the job, which is a whole epoch: starting one takes some 30 µs, and
    /// borrowing the memory for one job at a time needs no `unsafe` here.
    pub(crate) fn run(
        &mut self,
        entry: usize,
        (data, order): (&Dataset, &[u32]),
        threads: usize,
        hooks: &mut (dyn Hooks + Send),
    ) {
        let threads = threads.clamp(1, THREADS_MAX);
        let fields = fields::field_data(data);
        let job = Job::new(&self.program, &mut self.memory, entry, (&fields, order), threads, hooks);
        std::thread::scope(|scope| {
            for _ in 1..threads {
                scope.spawn(|| job.work());
            }
            job.work();
        });
    }
}

/// Everything but what the optimizer keeps.
fn is_weight(state: &StateDecl) -> bool {
    match state.role {
        StateRole::Parameter | StateRole::Frozen | StateRole::Statistic => true,
        StateRole::Slot(_) => false,
    }
}

/// Rows and columns of a state.
///
/// # Panics
/// Where it has batch rows, which no verified graph has.
fn extents(state: &StateDecl) -> [usize; 2] {
    match state.shape.rows {
        Extent::Fixed(rows) => [rows as usize, state.shape.cols as usize],
        Extent::Batch => panic!("runtime: state {} has as many rows as the batch", state.name),
    }
}
