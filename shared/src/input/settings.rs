//! A change of a workspace's settings.

use jiff::civil;
use jiff::fmt::strtime;
use jiff::tz::TimeZone;
use serde::Deserialize;
use serde::de::{Deserializer, Error as _};
use utoipa::ToSchema;

use super::{Text, given};

/// The settings to change; what is left out stays.
#[derive(Debug, Default, Deserialize, ToSchema)]
pub struct SettingsPatch {
    /// IANA name of the time zone due dates are shown in and reminded at.
    #[serde(default, deserialize_with = "time_zone")]
    #[schema(nullable = false, example = "Europe/Berlin")]
    pub timezone: Option<String>,
    /// When a due date without a time of day reminds, `HH:MM` in that zone.
    #[serde(default, deserialize_with = "time_of_day")]
    #[schema(
        nullable = false,
        pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]$",
        example = "09:00"
    )]
    pub reminder_time: Option<String>,
    /// Whether an ADMIN has the team lead's rights on every project of the workspace.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    pub admins_manage_projects: Option<bool>,
}

fn time_zone<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let name = Text::<1, 100>::deserialize(deserializer)?;
    // Names are found whatever their case; the one that is stored is the database's own spelling.
    let zone = TimeZone::get(name.as_str()).ok();
    let name = zone.as_ref().and_then(TimeZone::iana_name);
    name.map(|name| Some(name.to_owned()))
        .ok_or_else(|| D::Error::custom("must be the IANA name of a time zone"))
}

fn time_of_day<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let text = Text::<1, 5>::deserialize(deserializer)
        .map_err(|_| D::Error::custom("must be a time of day, HH:MM"))?;
    let time = strtime::parse("%H:%M", text.as_str()).and_then(|parsed| parsed.to_time());
    match time {
        Ok(time) if format(time) == text.as_str() => Ok(Some(text.into_string())),
        _ => Err(D::Error::custom("must be a time of day, HH:MM")),
    }
}

fn format(time: civil::Time) -> String {
    time.strftime("%H:%M").to_string()
}
