//! Work that ends at a time.

use adflux_core::{CancelToken, Context, Result};
use std::{
    sync::atomic::{AtomicBool, Ordering},
    thread::{self, Thread},
    time::{Duration, Instant},
};

/// How often it is looked whether the work was cancelled from outside.
const LOOK: Duration = Duration::from_millis(50);

/// Work that is watched: when it ends, and be it by a panic, the watch does.
struct Watched<'a> {
    done: &'a AtomicBool,
    watch: &'a Thread,
}

impl Drop for Watched<'_> {
    fn drop(&mut self) {
        self.done.store(true, Ordering::Release);
        self.watch.unpark();
    }
}

/// What `work` comes to, or `None` when `until` came first: then it is told to stop as if it had been cancelled.
///
/// # Errors
/// Those of the work; [`Error::Cancelled`](adflux_core::Error::Cancelled) when `context` is.
pub(super) fn within<T>(
    until: Option<Instant>,
    context: &Context,
    work: impl FnOnce(&Context) -> Result<T>,
) -> Result<Option<T>> {
    let Some(until) = until else { return work(context).map(Some) };
    if Instant::now() >= until {
        return Ok(None);
    }
    let (token, done) = (CancelToken::default(), AtomicBool::new(false));
    let inner = context.clone().with_cancel(token.clone());
    let worked = thread::scope(|scope| {
        let watch = scope.spawn(|| {
            while !done.load(Ordering::Acquire) {
                let left = until.saturating_duration_since(Instant::now());
                if left.is_zero() || context.check().is_err() {
                    token.cancel();
                    return;
                }
                thread::park_timeout(left.min(LOOK));
            }
        });
        let _watched = Watched { done: &done, watch: watch.thread() };
        work(&inner)
    });
    match worked {
        Ok(value) => Ok(Some(value)),
        // Where it was stopped, and how that was wrapped on the way, does not matter.
        Err(_) if token.is_cancelled() => context.check().map(|()| None),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use adflux_core::Error;

    /// Works until it is told to stop.
    fn for_ever(context: &Context) -> Result<()> {
        loop {
            context.check().map_err(|e| e.in_step(2, "model"))?;
            thread::sleep(Duration::from_millis(1));
        }
    }

    #[test]
    fn what_is_done_in_time_counts() {
        let soon = Some(Instant::now() + Duration::from_secs(60));
        assert_eq!(within(soon, &Context::default(), |_| Ok(3)).unwrap(), Some(3));
        assert_eq!(within(None, &Context::default(), |_| Ok(3)).unwrap(), Some(3));
        let failed = within::<()>(soon, &Context::default(), |_| Err(Error::data("wrong")));
        assert_eq!(failed.unwrap_err().to_string(), "wrong");
    }

    #[test]
    fn what_takes_longer_is_stopped() {
        let start = Instant::now();
        let until = Some(start + Duration::from_millis(80));
        assert_eq!(within(until, &Context::default(), for_ever).unwrap(), None);
        assert!(start.elapsed() < Duration::from_secs(30), "{:?}", start.elapsed());
        assert_eq!(within(Some(start), &Context::default(), |_| Ok(3)).unwrap(), None);
    }

    #[test]
    fn a_panic_does_not_wait_for_the_end_of_the_time() {
        let start = Instant::now();
        let until = Some(start + Duration::from_secs(60));
        let work = || within::<()>(until, &Context::default(), |_| panic!("a fault in a model"));
        assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(work)).is_err());
        assert!(start.elapsed() < Duration::from_secs(30), "{:?}", start.elapsed());
    }

    #[test]
    fn a_stop_from_outside_is_no_lack_of_time() {
        let context = Context::default();
        let token = context.cancel_token().clone();
        let until = Some(Instant::now() + Duration::from_secs(60));
        let stopped = within(until, &context, |inner| {
            token.cancel();
            for_ever(inner)
        });
        assert!(matches!(stopped, Err(Error::Cancelled)), "{stopped:?}");
    }
}
