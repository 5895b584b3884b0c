//! 工作日 as the State Council arranges them each year: Monday to Friday, but for the days its notice names. A year
//! without its notice is unknown; nothing is computed in it and nothing guessed. What a number of working days is
//! needed for is left to the modules of the duties.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Weekday;

use crate::trade::read_rows;
use crate::{Day, Ground, Refusal};

/// The yearly arrangements, by the days that differ from Monday to Friday.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calendar {
    exceptions: BTreeMap<Day, Exception>,
    years: BTreeSet<i16>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Exception {
    working: bool,
    name: String,
}

impl Calendar {
    /// Reads a table with the columns `date` (ISO), `kind` (`holiday`, `workday`) and `name` (the festival). Every
    /// year has to be there whole, which shows by its 元旦 and its 国庆; only days of December may stand alone, since
    /// the next year's New Year can move them. The error names each line that is wrong.
    pub fn read(csv: &str) -> Result<Self, String> {
        let mut exceptions = BTreeMap::new();
        read_rows(csv, ["date", "kind", "name"], |[date, kind, name]| {
            let day: Day = date.parse().map_err(|_| format!("日期“{date}”应写作 2026-10-01"))?;
            let working = match kind {
                "holiday" | "放假" | "休" => false,
                "workday" | "上班" | "班" => true,
                other => return Err(format!("类型“{other}”应为 holiday（放假）或 workday（上班）")),
            };
            match exceptions.insert(day, Exception { working, name: name.to_owned() }) {
                Some(_) => Err(format!("日期 {day} 重复")),
                None => Ok(()),
            }
        })?;
        let calendar = Self::of(exceptions);
        let torn: BTreeSet<i16> = calendar
            .exceptions
            .keys()
            .filter(|day| day.month() < 12 && !calendar.knows(day.year()))
            .map(|day| day.year())
            .collect();
        if let Some(year) = torn.first() {
            return Err(format!("{year}年的安排不完整：至少要有元旦和国庆节，请整年导入"));
        }
        if calendar.years.is_empty() {
            return Err("表中没有一个完整的年度".to_owned());
        }
        Ok(calendar)
    }

    /// This calendar with another laid over it: a year that the other knows is replaced whole, a stray day by itself.
    #[must_use]
    pub fn merged(&self, other: &Self) -> Self {
        let mut exceptions = self.exceptions.clone();
        exceptions.retain(|day, exception| !other.knows(exception.noticed_for(*day)));
        exceptions.extend(other.exceptions.clone());
        Self::of(exceptions)
    }

    /// The first and the last year known.
    pub fn years(&self) -> (i16, i16) {
        (self.years.first().copied().unwrap_or_default(), self.years.last().copied().unwrap_or_default())
    }

    /// Whether the arrangement of a year is there.
    pub fn knows(&self, year: i16) -> bool {
        self.years.contains(&year)
    }

    /// Whether a day is a working day; refused in a year without its arrangement.
    pub fn is_working_day(&self, day: Day) -> Result<bool, Refusal> {
        if !self.knows(day.year()) {
            return Err(unknown(day.year()));
        }
        Ok(match self.exceptions.get(&day) {
            Some(exception) => exception.working,
            None => !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday),
        })
    }

    /// The day that many working days after `start`, which is not counted; negative counts go back, 0 is `start`.
    pub fn add(&self, start: Day, working_days: i32) -> Result<Day, Refusal> {
        let (mut day, mut left) = (start, working_days.unsigned_abs());
        while left > 0 {
            day = if working_days > 0 { day.tomorrow() } else { day.yesterday() }.map_err(|_| unknown(day.year()))?;
            left -= u32::from(self.is_working_day(day)?);
        }
        Ok(day)
    }

    /// The working days after `from` up to and including `to`. Backwards it counts those before `from` down to and
    /// including `to`, negative, so that it undoes [`Calendar::add`] in both directions.
    pub fn between(&self, from: Day, to: Day) -> Result<i32, Refusal> {
        let (mut day, mut count) = (from, 0);
        while day != to {
            day = if day < to { day.tomorrow() } else { day.yesterday() }.map_err(|_| unknown(day.year()))?;
            count += i32::from(self.is_working_day(day)?);
        }
        Ok(if from <= to { count } else { -count })
    }

    /// The festival for which a day is off, or worked instead.
    pub fn name(&self, day: Day) -> Option<&str> {
        self.exceptions.get(&day).map(|exception| exception.name.as_str())
    }

    fn of(exceptions: BTreeMap<Day, Exception>) -> Self {
        let named = |month: i8, name: &str| -> BTreeSet<i16> {
            let of_month = exceptions.iter().filter(|(day, _)| day.month() == month);
            of_month.filter(|(_, exception)| exception.name.starts_with(name)).map(|(day, _)| day.year()).collect()
        };
        let years = &named(1, NEW_YEAR) & &named(10, NATIONAL_DAY);
        Self { exceptions, years }
    }
}

impl Exception {
    /// The year whose notice speaks of this day: a day of December moved by New Year belongs to the year that begins.
    fn noticed_for(&self, day: Day) -> i16 {
        day.year() + i16::from(day.month() == 12 && self.name.starts_with(NEW_YEAR))
    }
}

/// How the arrangement of a year is brought in at the command line.
pub(crate) const IMPORT: &str = "jiangce import workdays FILE --source 文号";

const NEW_YEAR: &str = "元旦";
const NATIONAL_DAY: &str = "国庆";

fn unknown(year: i16) -> Refusal {
    Refusal::new(Ground::Standard("国务院办公厅节假日安排"), format!("没有{year}年的放假安排，不能推算该年的工作日"))
        .remedy(format!("请管理员在“参考数据”页导入该年度的工作日表，或运行 {IMPORT}"))
}
