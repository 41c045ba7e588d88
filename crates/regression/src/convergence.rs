//! What is said of a fit that ended before it had converged.

use adflux_core::Context;

/// Warns of a fit of `step` that `max_iter` ended, or, without one, the precision of numbers.
pub(crate) fn told(converged: bool, step: &str, max_iter: Option<usize>, context: &Context) {
    if !converged {
        let (limit, more) = match max_iter {
            Some(steps) => (format!(" within max_iter = {steps}"), "raise max_iter or tol, or "),
            None => Default::default(),
        };
        context
            .warn(&format!("`{step}` did not converge{limit}, so its numbers are not final: {more}scale the columns"));
    }
}
