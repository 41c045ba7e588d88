//! The report: how good the predictions are, and one campaign in detail.

use super::quality::{Actual, Metrics, RATES, TOTALS};
use crate::{
    numbers::{count, money, percent},
    tables::{indented, paragraph, table},
};
use adflux::{
    core::{Error, Prediction, Result},
    data::Frame,
    pipeline::Explanation,
    postprocessing::{Language, QUANTITIES},
};

fn title(name: &str, language: Language) -> &'static str {
    match name {
        "impressions" => language.pick("impressions", "impresiones"),
        "clicks" => language.pick("clicks", "clics"),
        "applications" => language.pick("applications", "solicitudes"),
        "spend" => language.pick("spend", "gasto"),
        "ctr" => language.pick("CTR (clicks per impression)", "CTR (clics por impresión)"),
        "cpc" => language.pick("CPC (cost per click)", "CPC (coste por clic)"),
        "conversion_rate" => language.pick("conversion (applications per click)", "conversión (solicitudes por clic)"),
        _ => language.pick("CPA (cost per application)", "CPA (coste por solicitud)"),
    }
}

fn shown(name: &str, value: f64) -> String {
    match name {
        "ctr" | "conversion_rate" => percent(value, 2),
        "cpc" | "cpa" | "spend" => money(value),
        _ => count(value),
    }
}

/// Two decimals, without the sign of a zero.
fn decimals(value: f64) -> String {
    let text = format!("{value:.2}");
    if text == "-0.00" { "0.00".into() } else { text }
}

/// Prints the errors and the coverage beside their baselines.
pub fn quality(metrics: &Metrics, language: Language) {
    let say = |en: &'static str, es: &'static str| language.pick(en, es);
    println!("2. {}\n", say("What will a campaign bring?", "¿Qué traerá una campaña?"));
    let learned = match language {
        Language::En => format!(
            "{}. Learned from {} of them, using only what is known before launch; judged on the other {}. The baseline is \
             the mean of the campaign's platform.",
            metrics.data,
            count(metrics.rows.train as f64),
            count(metrics.rows.test as f64)
        ),
        Language::Es => format!(
            "{}. Se aprende de {}, solo con lo que se sabe antes del lanzamiento; se juzga con las otras {}. La referencia \
             es la media de la plataforma de la campaña.",
            metrics.data,
            count(metrics.rows.train as f64),
            count(metrics.rows.test as f64)
        ),
    };
    println!("{}\n", paragraph(&learned, 3));
    let base = say("baseline", "referencia");
    let mut rows = table(&["", "MAE", base, "RMSE", base, "R²", base], 1);
    for name in RATES {
        let Some(rate) = metrics.rates.get(name) else { continue };
        let unit = |v: f64| shown(name, v);
        rows.add_row([
            title(name, language).split(" (").next().unwrap_or_default().to_string(),
            unit(rate.mae.value),
            unit(rate.mae.baseline),
            unit(rate.rmse.value),
            unit(rate.rmse.baseline),
            decimals(rate.r2.value),
            decimals(rate.r2.baseline),
        ]);
    }
    println!("{}", indented(&rows));
    let mut rows = table(
        &[
            say("80 % intervals", "intervalos del 80 %"),
            say("contain", "contienen"),
            say("width", "anchura"),
            say("one for all: contains", "uno para todas: contiene"),
            say("width", "anchura"),
        ],
        1,
    );
    for name in TOTALS {
        let Some(interval) = metrics.intervals.get(name) else { continue };
        rows.add_row([
            title(name, language).to_string(),
            percent(interval.coverage.value, 1),
            shown(name, interval.mean_width.value),
            percent(interval.coverage.baseline, 1),
            shown(name, interval.mean_width.baseline),
        ]);
    }
    println!("{}", indented(&rows));
    let joint = percent(metrics.all_four_inside, 0);
    match language {
        Language::En => println!("   All four at once: {joint} of the held-out campaigns."),
        Language::Es => println!("   Los cuatro a la vez: {joint} de las campañas apartadas."),
    }
}

/// Prints the estimate of one campaign, what happened, and which inputs moved it.
pub fn campaign(
    frame: &Frame,
    estimate: &Prediction,
    actual: &Actual,
    row: usize,
    (explanation, drawn): (&Explanation, usize),
    language: Language,
) -> Result<()> {
    let say = |en: &'static str, es: &'static str| language.pick(en, es);
    let cell = |name: &str| Ok::<_, Error>(frame.texts(name)?.first().cloned().unwrap_or_default());
    let (budget, days, audience) =
        (frame.numbers("budget")?[0], cell("duration_days")?, frame.numbers("audience_size")?[0]);
    let audience = if audience.is_finite() { count(audience) } else { say("unknown", "desconocida").into() };
    println!("\n   {}\n", say("A new campaign (one of those held out):", "Una campaña nueva (una de las apartadas):"));
    println!("      “{}”", cell("title")?);
    println!(
        "      {} · {} · {} · {}",
        cell("platform")?,
        cell("objective")?,
        cell("format")?,
        cell("call_to_action")?
    );
    println!("      {} · {} · {}", cell("job_category")?, cell("job_level")?, cell("location")?);
    println!(
        "      {} {} · {days} {} · {} {audience}\n",
        say("budget", "presupuesto"),
        money(budget),
        say("days", "días"),
        say("audience", "audiencia")
    );
    let mut rows = table(
        &["", say("expected", "esperado"), say("80 % interval", "intervalo 80 %"), say("happened", "ocurrió")],
        1,
    );
    for name in QUANTITIES {
        let intervals = estimate.named(name)?.intervals()?;
        let happened = actual.get(name)?[row];
        rows.add_row([
            title(name, language).to_string(),
            shown(name, intervals.mean[0]),
            format!("{} – {}", shown(name, intervals.lower[0]), shown(name, intervals.upper[0])),
            if happened.is_nan() { "–".into() } else { shown(name, happened) },
        ]);
    }
    println!("{}", indented(&rows));
    let (base, here) = (count(explanation.base), count(explanation.prediction));
    let moved = match language {
        Language::En => {
            format!("What moved the expected applications from {base} (the mean of {drawn} past campaigns) to {here}:")
        }
        Language::Es => {
            format!("Qué movió las solicitudes esperadas de {base} (la media de {drawn} campañas pasadas) a {here}:")
        }
    };
    println!("{}", paragraph(&moved, 3));
    const SHOWN: usize = 6;
    for part in explanation.contributions.iter().take(SHOWN) {
        let value: String = match part.value.chars().count() {
            0 => say("(missing)", "(falta)").into(),
            1..=44 => part.value.clone(),
            _ => part.value.chars().take(43).chain("…".chars()).collect(),
        };
        println!("      {:>+8.1}  {} = {value}", part.effect, part.column.replace('_', " "));
    }
    let rest: f64 = explanation.contributions.iter().skip(SHOWN).map(|c| c.effect).sum();
    println!("      {rest:>+8.1}  {}", say("everything else", "todo lo demás"));
    Ok(())
}
