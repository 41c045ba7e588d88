//! Cancelled fits.

use crate::conformance::{
    case::{Attempt, Case, Findings, guarded, save},
    subject::Subject,
};
use adflux_core::{CancelToken, Context, Error, Progress, Saved};
use std::sync::{Arc, Mutex};

/// Cancels the fit at its first report, if told to, and remembers that report.
struct Watch {
    token: CancelToken,
    cancels: bool,
    first: Mutex<Option<(u64, Option<u64>)>>,
}

impl Progress for Watch {
    fn update(&self, _: &str, done: u64, total: Option<u64>) {
        if let Ok(mut first) = self.first.lock() {
            first.get_or_insert((done, total));
        }
        if self.cancels {
            self.token.cancel();
        }
    }
}

/// A watched fit: its state, and the first report.
fn watched<C: Subject>(case: &Case<C>, cancels: bool) -> (Attempt<Saved>, Option<(u64, Option<u64>)>) {
    let watch = Arc::new(Watch { token: CancelToken::default(), cancels, first: Mutex::new(None) });
    let context = Context::default().with_progress(watch.clone()).with_cancel(watch.token.clone());
    let saved = guarded(|| case.recipe.learn(case.training.clone(), &context)).and_then(|fitted| save::<C>(&fitted));
    let first = watch.first.lock().ok().and_then(|first| *first);
    (saved, first)
}

pub(super) fn cancellation<C: Subject>(case: &Case<C>, findings: &mut Findings<'_>) {
    let (saved, report) = watched(case, false);
    if findings.must("a fit that is watched", saved).is_some_and(|saved| saved != case.saved) {
        findings.fail("a fit that is watched", "the state is not that of one that is not");
    }

    let token = CancelToken::default();
    token.cancel();
    let context = Context::default().with_cancel(token);
    let before = guarded(|| case.recipe.learn(case.training.clone(), &context)).and_then(|fitted| save::<C>(&fitted));
    // A fit that is too short to tell how far it is may be done before it looks.
    cancelled(case, findings, "cancelled before the fit", before, report.is_some());
    if let Some((done, total)) = report {
        let (during, _) = watched(case, true);
        // The first report of a short fit may be its last.
        let last = total.is_some_and(|total| done >= total);
        cancelled(case, findings, "cancelled at the first report", during, !last);
    }
    let again = case.fit(case.training.clone()).and_then(|fitted| save::<C>(&fitted));
    if findings.must("a fit after a cancelled one", again).is_some_and(|saved| saved != case.saved) {
        findings.fail("a fit after a cancelled one", "the state is not the same as before");
    }
}

/// A cancelled fit gives [`Error::Cancelled`]; where that is not due, what an uncancelled one gives will do.
fn cancelled<C: Subject>(case: &Case<C>, findings: &mut Findings<'_>, input: &str, attempt: Attempt<Saved>, due: bool) {
    match findings.may(input, attempt) {
        Some(Ok(_)) if due => {
            findings.fail(input, "it finished, where `Error::Cancelled` is due: call `context.check()`")
        }
        Some(Ok(saved)) if saved != case.saved => findings.fail(input, "it finished with another state"),
        Some(Err(e)) if !matches!(e, Error::Cancelled) => {
            findings.fail(input, format_args!("the error is not `Error::Cancelled`: {e}"));
        }
        _ => {}
    }
}
