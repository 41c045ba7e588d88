//! Ctrl-C: the first asks the work to stop, so that nothing half done is left; the second ends the process.

use adflux::core::Context;

/// Makes Ctrl-C cancel what runs under `context`. A request to terminate (SIGTERM) ends the process at once, as ever; files
/// are written so that this leaves the old one or the new one.
#[cfg(unix)]
pub fn cancels(context: &Context) {
    use signal_hook::{consts::SIGINT, iterator::Signals};

    /// The exit of a process that a second Ctrl-C ended: 128 and the number of the signal, as shells have it.
    const INTERRUPTED: i32 = 130;

    // Where signals cannot be listened to, Ctrl-C ends the process at once, which leaves no file half written either.
    let Ok(mut signals) = Signals::new([SIGINT]) else { return };
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

/// Ctrl-C ends the process at once where there are no signals; no file is half written then.
#[cfg(not(unix))]
pub fn cancels(_: &Context) {}
