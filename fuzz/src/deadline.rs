//! Work with an end: what a service does with the recipes of its users.

use adflux::core::{CancelToken, Context};
use std::{sync::mpsc, thread, time::Duration};

/// Does `work` under a context that is cancelled after `limit`.
pub fn within<T>(limit: Duration, work: impl FnOnce(&Context) -> T) -> T {
    let token = CancelToken::default();
    let context = Context::default().with_cancel(token.clone());
    let (done, wait) = mpsc::channel::<()>();
    thread::scope(|scope| {
        scope.spawn(move || {
            if wait.recv_timeout(limit) == Err(mpsc::RecvTimeoutError::Timeout) {
                token.cancel();
            }
        });
        let result = work(&context);
        drop(done);
        result
    })
}
