//! `adflux completions`: what a shell needs to complete the command.

use adflux::core::{Context, Result};
use clap::CommandFactory as _;
use clap_complete::{Shell, generate};

/// Print the completions of a shell.
///
/// Example: adflux completions bash > ~/.local/share/bash-completion/completions/adflux
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The shell.
    #[arg(value_enum)]
    shell: Shell,
}

/// Runs the command.
pub fn run(arguments: &Arguments, _: &Context) -> Result<()> {
    let mut script = Vec::new();
    generate(arguments.shell, &mut crate::Arguments::command(), "adflux", &mut script);
    crate::format::print_text(&String::from_utf8_lossy(&script))
}
