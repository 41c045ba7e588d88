//! Progress on a terminal: one line on standard error, gone when the work is done; nothing when it is not a terminal.

use adflux::core::Progress;
use indicatif::{ProgressBar, ProgressStyle};
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

struct Line(Mutex<ProgressBar>);

/// Progress as one line on standard error.
pub fn on_terminal() -> Arc<dyn Progress> {
    Arc::new(Line(Mutex::new(ProgressBar::hidden())))
}

/// Progress as one line, and what is warned of, each remark once whatever part of the work it is of.
pub struct Heard {
    line: Arc<dyn Progress>,
    warnings: Mutex<Vec<String>>,
}

impl Heard {
    pub fn on_terminal() -> Arc<Self> {
        Arc::new(Heard { line: on_terminal(), warnings: Mutex::default() })
    }

    /// The remarks so far.
    pub fn warnings(&self) -> Vec<String> {
        self.warnings.lock().unwrap_or_else(|e| e.into_inner()).clone()
    }
}

impl Progress for Heard {
    fn update(&self, task: &str, done: u64, total: Option<u64>) {
        self.line.update(task, done, total);
    }

    fn warn(&self, _part: Option<&str>, message: &str) {
        let mut warnings = self.warnings.lock().unwrap_or_else(|e| e.into_inner());
        if !warnings.iter().any(|known| known == message) {
            warnings.push(message.to_string());
        }
    }
}

impl Progress for Line {
    fn update(&self, task: &str, done: u64, total: Option<u64>) {
        // A poisoned lock only means that some thread panicked while drawing: the line is still a line.
        let mut bar = self.0.lock().unwrap_or_else(|e| e.into_inner());
        if bar.is_hidden() || bar.message() != task {
            bar.finish_and_clear();
            *bar = ProgressBar::new(total.unwrap_or(0));
            if let Ok(style) = ProgressStyle::with_template("  {msg} {bar:24} {pos}/{len} {elapsed}") {
                bar.set_style(style);
            }
            bar.set_message(task.to_string());
            bar.enable_steady_tick(Duration::from_millis(200));
        }
        bar.set_position(done);
        if Some(done) == total {
            bar.finish_and_clear();
        }
    }
}
