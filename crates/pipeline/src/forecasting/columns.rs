//! Which columns of a long table are what, and the panel that they make.

use adflux_core::{
    Error, Frequency, Panel, PanelReport, Result,
    panel::{Duplicates, Gaps, PanelBuilder},
};
use adflux_data::{ColumnKind, Frame};
use serde::{Deserialize, Serialize};

/// Between the columns that name a series together: `meta / spring / ad 3`.
pub const ID_SEPARATOR: &str = " / ";

const SECONDS_OF_A_DAY: f64 = 86_400.0;

/// The columns of a long table, one row for each series and time, from which a panel is made.
///
/// ```
/// use adflux_data::Frame;
/// use adflux_pipeline::PanelColumns;
/// let table = "platform,date,clicks\nmeta,2024-03-01,10\nmeta,2024-03-02,12\ngoogle,2024-03-01,7\n";
/// let frame = Frame::read_csv_bytes(table.as_bytes(), "example")?;
/// let (panel, _) = PanelColumns::new(["platform"], "date", "clicks").panel(&frame)?;
/// assert_eq!(panel.get("meta")?.values(), [10.0, 12.0]);
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PanelColumns {
    /// What names a series: a campaign, or platform, campaign and ad, which are joined by [`ID_SEPARATOR`]. None where the table is one series,
    /// which is then called as its value.
    pub id: Vec<String>,
    /// When: dates, times, or whole numbers for steps without dates.
    pub time: String,
    /// What is forecast.
    pub value: String,
    /// What is known ahead of time, such as a planned budget. Default: nothing.
    #[serde(default)]
    pub covariates: Vec<String>,
    /// How far apart the steps are. Default: inferred.
    #[serde(default)]
    pub frequency: Option<Frequency>,
    /// What becomes of several rows of one series at one time. Default: the series is left out.
    #[serde(default)]
    pub duplicates: Duplicates,
    /// What becomes of times that no row has. Default: missing.
    #[serde(default)]
    pub gaps: Gaps,
    /// Whether sums along the columns of the id are series too: of each platform, each campaign, and all. Default false.
    #[serde(default)]
    pub totals: bool,
}

impl PanelColumns {
    /// Series named by `id`, in time, of a value.
    pub fn new<S: Into<String>>(
        id: impl IntoIterator<Item = S>,
        time: impl Into<String>,
        value: impl Into<String>,
    ) -> Self {
        PanelColumns {
            id: id.into_iter().map(Into::into).collect(),
            time: time.into(),
            value: value.into(),
            covariates: Vec::new(),
            frequency: None,
            duplicates: Duplicates::default(),
            gaps: Gaps::default(),
            totals: false,
        }
    }

    /// Sets what is known ahead of time.
    pub fn covariates<S: Into<String>>(mut self, covariates: impl IntoIterator<Item = S>) -> Self {
        self.covariates = covariates.into_iter().map(Into::into).collect();
        self
    }

    /// Sets how far apart the steps are.
    pub fn frequency(mut self, frequency: Frequency) -> Self {
        self.frequency = Some(frequency);
        self
    }

    /// Sets what becomes of several rows at one time.
    pub fn duplicates(mut self, duplicates: Duplicates) -> Self {
        self.duplicates = duplicates;
        self
    }

    /// Sets what becomes of times that no row has.
    pub fn gaps(mut self, gaps: Gaps) -> Self {
        self.gaps = gaps;
        self
    }

    /// Sets whether sums along the columns of the id are series too.
    pub fn totals(mut self, totals: bool) -> Self {
        self.totals = totals;
        self
    }

    /// The panel of a table, and what was found on the way.
    ///
    /// # Errors
    /// When a column is not there, an id or a time is missing or a time is none, by row; and what [`PanelBuilder::build`] refuses.
    pub fn panel(&self, frame: &Frame) -> Result<(Panel, PanelReport)> {
        let (panel, report) = self.builder(frame)?.values(frame.numbers(&self.value)?).build()?;
        Ok((if self.totals { panel.with_totals(ID_SEPARATOR)? } else { panel }, report))
    }

    /// What is known of the future: the covariates of a table that need not have the value.
    ///
    /// # Errors
    /// As [`panel`](Self::panel).
    pub fn future(&self, frame: &Frame, frequency: Frequency) -> Result<Panel> {
        Ok(self.builder(frame)?.frequency(frequency).build()?.0)
    }

    /// Without values.
    fn builder(&self, frame: &Frame) -> Result<PanelBuilder> {
        let names: Vec<&String> = self.id.iter().chain([&self.time]).chain(&self.covariates).collect();
        frame.require(&names)?;
        let mut builder = Panel::builder().ids(self.ids(frame)?).times(self.times(frame)?);
        for name in &self.covariates {
            builder = builder.covariate(name, frame.numbers(name)?);
        }
        // Numbers are steps, not seconds.
        let steps = (frame.kind_of(&self.time)? == ColumnKind::Number).then_some(Frequency::Steps);
        if let Some(frequency) = self.frequency.or(steps) {
            builder = builder.frequency(frequency);
        }
        Ok(builder.duplicates(self.duplicates).gaps(self.gaps))
    }

    fn ids(&self, frame: &Frame) -> Result<Vec<String>> {
        if self.id.is_empty() {
            return Ok(vec![self.value.clone(); frame.rows()]);
        }
        let mut ids = vec![String::new(); frame.rows()];
        for (place, name) in self.id.iter().enumerate() {
            let several = self.id.len() > 1;
            for (row, (id, text)) in ids.iter_mut().zip(frame.texts(name)?.iter()).enumerate() {
                if several && text.contains(ID_SEPARATOR) {
                    let reason =
                        format!("`{text}` holds `{ID_SEPARATOR}`, which joins the columns of an id: write it without");
                    return Err(Error::cell(name, row, reason));
                }
                if text.trim().is_empty() {
                    return Err(Error::cell(name, row, "missing: each row needs the name of its series"));
                }
                if place > 0 {
                    id.push_str(ID_SEPARATOR);
                }
                id.push_str(text.trim());
            }
        }
        Ok(ids)
    }

    /// Seconds since 1970-01-01, or whole numbers as they are.
    fn times(&self, frame: &Frame) -> Result<Vec<i64>> {
        let name = &self.time;
        let days = frame.days(name)?;
        let steps = frame.kind_of(name)? == ColumnKind::Number;
        let one = |(row, time): (usize, &f64)| {
            if time.is_nan() {
                return Err(Error::cell(name, row, "missing: each row needs its time"));
            }
            let time = if steps { *time } else { (time * SECONDS_OF_A_DAY).round() };
            if time.fract() != 0.0 || time.abs() > 1e15 {
                return Err(Error::cell(name, row, format!("{time} is no step: whole numbers, or dates, are times")));
            }
            Ok(time as i64)
        };
        let times: Vec<i64> = days.iter().enumerate().map(one).collect::<Result<_>>()?;
        if steps && !times.is_empty() && times.iter().all(|time| is_a_date(*time)) {
            let reason = format!("{} reads as a date: write dates as 2024-12-31", times[0]);
            return Err(Error::cell(name, 0, reason));
        }
        Ok(times)
    }
}

/// Whether a whole number is a date as some exports write it: 20241231.
fn is_a_date(number: i64) -> bool {
    let (year, month, day) = (number / 10_000, number / 100 % 100, number % 100);
    (1990..2100).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day)
}
