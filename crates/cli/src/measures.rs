//! Measures of quality as people read them.

use adflux::evaluation::higher_is_better;

/// The measure's usual name: `roc_auc` is ROC AUC. Of several targets (`clicks.rmse`) the target stands before it.
pub fn name(measure: &str) -> String {
    let (target, own) = match measure.rsplit_once('.') {
        Some((target, own)) => (Some(target), own),
        None => (None, measure),
    };
    let known = match own {
        "r2" => "R²",
        "rmse" => "RMSE",
        "mae" => "MAE",
        "mase" => "MASE",
        "roc_auc" => "ROC AUC",
        "pr_auc" => "PR AUC",
        "log_loss" => "log loss",
        "brier" => "Brier score",
        "f1" => "F1",
        "mse" => "MSE",
        "mape" => "MAPE",
        "smape" => "sMAPE",
        "wape" => "WAPE",
        "mcc" => "MCC",
        "ece" => "ECE",
        "median_absolute_error" => "median error",
        "max_error" => "largest error",
        "explained_variance" => "explained variance",
        "poisson_deviance" => "Poisson deviance",
        "gamma_deviance" => "gamma deviance",
        "d2_poisson" => "D² (Poisson)",
        "d2_gamma" => "D² (gamma)",
        "d2_absolute_error" => "D² (absolute)",
        "balanced_accuracy" => "balanced accuracy",
        "cohen_kappa" => "Cohen's kappa",
        "gain_at_10" => "gain at 10 %",
        "lift_at_10" => "lift at 10 %",
        "mean_width" => "interval width",
        "interval_score" => "interval score",
        "set_size" => "set size",
        other => other,
    };
    match target {
        Some(target) => format!("{target} {known}"),
        None => known.into(),
    }
}

/// The value: shares and the like with three decimals, what has a unit with three digits that count or more; a dash where
/// it is not defined.
pub fn value(measure: &str, value: f64) -> String {
    if !value.is_finite() {
        return "–".into();
    }
    let own = measure.rsplit('.').next().unwrap_or(measure);
    if !matches!(own, "rmse" | "mae" | "mean_width" | "interval_score" | "mse" | "median_absolute_error" | "max_error")
    {
        // The sum turns −0 into 0.
        return format!("{:.3}", (value * 1000.0).round() / 1000.0 + 0.0);
    }
    if value.abs() >= 1000.0 {
        return crate::numbers::count(value);
    }
    let decimals = match value.abs() {
        a if a >= 100.0 => 1,
        a if a >= 10.0 => 2,
        a if a >= 0.01 || a == 0.0 => 3,
        a => (3 - a.log10().floor() as i32 - 1).clamp(3, 12) as usize,
    };
    format!("{value:.decimals$}")
}

/// Which way is better, in words.
pub fn better(measure: &str) -> &'static str {
    match higher_is_better(measure.rsplit('.').next().unwrap_or(measure)) {
        Some(true) => "higher is better",
        Some(false) => "lower is better",
        None => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn measures_read_well() {
        assert_eq!((name("roc_auc"), name("clicks.rmse")), ("ROC AUC".into(), "clicks RMSE".into()));
        assert_eq!(value("clicks.r2", -0.0004), "0.000");
        let values = [0.84213, 12.3456, 12345.6, 0.000123456, 0.0, -0.5, f64::NAN];
        assert_eq!(values.map(|v| value("rmse", v)), ["0.842", "12.35", "12,346", "0.000123", "0.000", "-0.500", "–"]);
    }
}
