//! The columns of a long table, and what was found in it.

use crate::{failure::Failure, numbers::count, tables::paragraph};
use adflux::{
    core::{
        Frequency, Panel, PanelReport, Series, Skipped,
        panel::{Duplicates, Gaps},
    },
    data::Frame,
    pipeline::PanelColumns,
};
use clap::ValueEnum;
use std::path::{Path, PathBuf};

/// Which columns are what.
#[derive(Debug, clap::Args)]
pub struct Columns {
    /// Columns that name a series: campaign, or platform,campaign,ad. Left out, the table is one series.
    #[arg(long, value_name = "COLS", value_delimiter = ',')]
    pub id: Vec<String>,
    /// The column of dates or times, or of whole numbers for steps without dates.
    #[arg(long, value_name = "COL")]
    pub time: Option<String>,
    /// The column that is forecast.
    #[arg(long, value_name = "COL")]
    pub value: Option<String>,
    /// A table of what is known of the coming steps: id, time, and the columns that it shares with the first.
    #[arg(long, value_name = "FILE")]
    pub exog: Option<PathBuf>,
    /// How far apart the steps are. Default: inferred; say it where most days have no row.
    #[arg(long, value_enum)]
    pub frequency: Option<Every>,
    /// What becomes of several rows of a series at one time; `refuse` leaves the series out.
    #[arg(long, value_enum, default_value_t = OnDuplicates::Refuse)]
    pub duplicates: OnDuplicates,
    /// Forecast sums along the columns of --id too: each platform, each campaign, and the total.
    #[arg(long)]
    pub totals: bool,
    /// What becomes of times that no row has: nothing is known, or nothing happened.
    #[arg(long, value_enum, default_value_t = OnGaps::Missing)]
    pub gaps: OnGaps,
}

/// [`Duplicates`] on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum OnDuplicates {
    Refuse,
    Sum,
    Mean,
    Last,
}

/// [`Gaps`] on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum OnGaps {
    Missing,
    Zero,
}

/// The usual frequencies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Every {
    Hour,
    Day,
    Week,
    Month,
    Quarter,
    Year,
}

impl From<Every> for Frequency {
    fn from(every: Every) -> Self {
        let months = |count| Frequency::Months { count, end: false };
        match every {
            Every::Hour => Frequency::Fixed { seconds: 3_600 },
            Every::Day => Frequency::DAILY,
            Every::Week => Frequency::WEEKLY,
            Every::Month => months(1),
            Every::Quarter => months(3),
            Every::Year => months(12),
        }
    }
}

/// A table as a panel.
pub struct Read {
    pub columns: PanelColumns,
    pub panel: Panel,
    pub report: PanelReport,
    /// What is known of the future.
    pub future: Option<Frame>,
}

impl Columns {
    /// Reads the panel of `file`.
    ///
    /// # Errors
    /// When a column is not named or not there, or the table is no panel.
    pub fn read(&self, file: &Path) -> Result<Read, Failure> {
        let (Some(time), Some(value)) = (&self.time, &self.value) else {
            return Err(Failure::usage("--time and --value: name the column of times and the column that is forecast"));
        };
        let frame = Frame::read(file)?;
        let named: Vec<&String> = self.id.iter().chain([time, value]).collect();
        frame.require(&named).map_err(|e| Failure::Usage(e.in_file(file)))?;
        let future = self.exog.as_ref().map(Frame::read).transpose()?;
        let mut columns = PanelColumns::new(self.id.clone(), time, value)
            .totals(self.totals)
            .duplicates(match self.duplicates {
                OnDuplicates::Refuse => Duplicates::Refuse,
                OnDuplicates::Sum => Duplicates::Sum,
                OnDuplicates::Mean => Duplicates::Mean,
                OnDuplicates::Last => Duplicates::Last,
            })
            .gaps(match self.gaps {
                OnGaps::Missing => Gaps::Missing,
                OnGaps::Zero => Gaps::Zero,
            });
        if let Some(every) = self.frequency {
            columns = columns.frequency(every.into());
        }
        if let (Some(future), Some(exog)) = (&future, &self.exog) {
            let shared = future.names().filter(|name| frame.has(name) && !named.iter().any(|taken| taken == name));
            columns = columns.covariates(shared);
            if columns.covariates.is_empty() {
                let (exog, file) = (exog.display(), file.display());
                return Err(Failure::usage(format!(
                    "--exog {exog}: it has no column beside id and time that {file} has"
                )));
            }
        }
        let (panel, report) = columns.panel(&frame).map_err(|e| e.in_file(file))?;
        Ok(Read { columns, panel, report, future })
    }
}

/// What a reader should know of the data before believing the forecast, a paragraph each.
pub fn remarks(panel: &Panel, report: &PanelReport, skipped: &[Skipped]) -> String {
    let mut out = String::new();
    let frequency = panel.frequency();
    let last = |series: &Series| frequency.after(series.start(), series.values().len() as i64 - 1);
    let end = panel.series().iter().map(last).max().unwrap_or_default();
    let mut say = |text: String| {
        out.push('\n');
        out.push_str(&paragraph(&text, 0));
        out.push('\n');
    };
    let of = |found: fn(&adflux::core::panel::SeriesReport) -> usize| {
        let series = report.series.iter().filter(|series| found(series) > 0).count();
        (series, report.series.iter().map(found).sum::<usize>())
    };
    let found = [
        (of(|s| s.gaps), "steps without a row"),
        (of(|s| s.missing), "rows without a value"),
        (of(|s| s.duplicates), "rows at a time that another row has"),
    ];
    let found = found.into_iter().filter(|((series, _), _)| *series > 0);
    let found: Vec<String> = found
        .map(|((series, total), what)| {
            format!("{} {what} (in {series} of {} series)", count(total as f64), report.series.len())
        })
        .collect();
    if !found.is_empty() {
        say(format!("In the data: {}.", found.join(", ")));
    }
    let over = panel.series().iter().filter(|series| last(series) < end).count();
    if over > 0 {
        say(format!(
            "{over} of {} series end before {}, the last time of the table: their forecasts begin where they end.",
            panel.len(),
            frequency.text(end)
        ));
    }
    for (left_out, head) in [(&report.left_out[..], "Left out of the data"), (skipped, "Not forecast")] {
        const SHOWN: usize = 5;
        for Skipped { id, reason } in left_out.iter().take(SHOWN) {
            say(format!("{head}: {id}: {reason}."));
        }
        if left_out.len() > SHOWN {
            say(format!("{head}: {} series more.", left_out.len() - SHOWN));
        }
    }
    out
}
