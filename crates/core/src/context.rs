//! What accompanies a fit: progress, cancellation, threads.

use crate::{Error, Result};
use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

/// Told how far a long job has come. Called from any thread.
pub trait Progress: Send + Sync {
    /// `done` units of `task` are finished, of `total` when that is known.
    fn update(&self, task: &str, done: u64, total: Option<u64>);

    /// What whoever uses the result should know of work that was done all the same: a fit that did not converge. `part` says of which
    /// part of the work ("fold 2 of 5"), if not of all. Does nothing unless it is implemented.
    fn warn(&self, _part: Option<&str>, _message: &str) {}
}

/// A flag that asks running work to stop. Clones share the flag.
#[derive(Clone, Debug, Default)]
pub struct CancelToken(Arc<AtomicBool>);

impl CancelToken {
    /// Asks for a stop; the fit that sees it returns [`Error::Cancelled`].
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether a stop was asked for.
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Progress, cancellation and threads of one piece of work. The default reports nothing, cannot be cancelled from
/// outside, and uses rayon's global pool.
///
/// ```
/// use adflux_core::Context;
/// let context = Context::default().with_threads(2)?;
/// assert_eq!(context.run(rayon::current_num_threads), 2);
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[derive(Clone, Default)]
pub struct Context {
    progress: Option<Arc<dyn Progress>>,
    label: Option<Arc<str>>,
    cancel: CancelToken,
    pool: Option<Arc<rayon::ThreadPool>>,
}

impl Context {
    /// Reports progress to `progress`.
    pub fn with_progress(mut self, progress: Arc<dyn Progress>) -> Self {
        self.progress = Some(progress);
        self
    }

    /// Stops when `token` is cancelled.
    pub fn with_cancel(mut self, token: CancelToken) -> Self {
        self.cancel = token;
        self
    }

    /// Uses exactly `threads` threads. The result of a fit does not depend on the number.
    ///
    /// # Errors
    /// When `threads` is 0 or the system gives no threads.
    pub fn with_threads(mut self, threads: usize) -> Result<Self> {
        if threads == 0 {
            return Err(Error::parameter("threads", threads, "at least one thread is needed"));
        }
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().map_err(Error::backend)?;
        self.pool = Some(Arc::new(pool));
        Ok(self)
    }

    /// The same context for a part of the work: its tasks are reported behind `label` ("fold 2 of 5: ctr").
    pub fn labelled(&self, label: &str) -> Self {
        let label = match &self.label {
            Some(outer) => format!("{outer}, {label}"),
            None => label.to_string(),
        };
        Context { label: Some(label.into()), ..self.clone() }
    }

    /// Reports that `done` of `total` units of `task` are finished.
    pub fn report(&self, task: &str, done: u64, total: Option<u64>) {
        match (&self.progress, &self.label) {
            (Some(progress), Some(label)) => progress.update(&format!("{label}: {task}"), done, total),
            (Some(progress), None) => progress.update(task, done, total),
            (None, _) => {}
        }
    }

    /// Says what should be known of work that is done all the same.
    pub fn warn(&self, message: &str) {
        if let Some(progress) = &self.progress {
            progress.warn(self.label.as_deref(), message);
        }
    }

    /// # Errors
    /// [`Error::Cancelled`] when a stop was asked for. Long loops call this once a round.
    pub fn check(&self) -> Result<()> {
        if self.cancel.is_cancelled() { Err(Error::Cancelled) } else { Ok(()) }
    }

    /// The token that stops work done under this context.
    pub fn cancel_token(&self) -> &CancelToken {
        &self.cancel
    }

    /// Runs `work` on this context's threads.
    pub fn run<T: Send>(&self, work: impl FnOnce() -> T + Send) -> T {
        match &self.pool {
            Some(pool) => pool.install(work),
            None => work(),
        }
    }
}

impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context")
            .field("progress", &self.progress.is_some())
            .field("cancelled", &self.cancel.is_cancelled())
            .field("threads", &self.pool.as_ref().map(|p| p.current_num_threads()))
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;

    #[derive(Default)]
    struct Heard(Mutex<Vec<String>>);
    impl Progress for Heard {
        fn update(&self, task: &str, done: u64, total: Option<u64>) {
            self.0.lock().unwrap().push(format!("{task} {done} {total:?}"));
        }
        fn warn(&self, part: Option<&str>, message: &str) {
            self.0.lock().unwrap().push(format!("{part:?} {message}"));
        }
    }

    #[test]
    fn labels_stand_before_the_tasks_of_a_part() {
        let heard = Arc::new(Heard::default());
        let context = Context::default().with_progress(heard.clone());
        context.report("fit", 1, None);
        context.labelled("fold 2 of 5").labelled("ctr").report("trees", 3, Some(9));
        context.labelled("fold 2 of 5").warn("not at rest");
        let expected = ["fit 1 None", "fold 2 of 5, ctr: trees 3 Some(9)", "Some(\"fold 2 of 5\") not at rest"];
        assert_eq!(*heard.0.lock().unwrap(), expected);
    }

    #[test]
    fn a_clone_is_cancelled_with_its_original() {
        let context = Context::default();
        let clone = context.labelled("part");
        assert!(clone.check().is_ok());
        context.cancel_token().cancel();
        assert!(matches!(clone.check(), Err(Error::Cancelled)));
    }
}
