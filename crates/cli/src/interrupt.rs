//! Ctrl-C: the first asks the work to stop, so that nothing half done is left; the second ends the process.

use adflux::core::Context;
use signal_hook::{
    consts::{SIGINT, SIGTERM},
    iterator::Signals,
};

/// The exit of a process that a second Ctrl-C ended: 128 and the number of the signal, as shells have it.
const INTERRUPTED: i32 = 130;

/// Makes Ctrl-C, and a request to terminate, cancel what runs under `context`.
pub fn cancels(context: &Context) {
    // Where signals cannot be listened to, Ctrl-C ends the process at once, which leaves no file half written either.
    let Ok(mut signals) = Signals::new([SIGINT, SIGTERM]) else { return };
    let token = context.cancel_token().clone();
    std::thread::spawn(move || {
        for _ in signals.forever() {
            if token.is_cancelled() {
                std::process::exit(INTERRUPTED);
            }
            token.cancel();
            eprintln!("adflux: stopping; once more ends at once");
        }
    });
}
