//! 一（二）1: what a school files fits its main majors (与主干专业相适应). The school's own catalogue of majors says which
//! those are; whether an occupation fits a major, the reviewer decides.

use crate::notice::Clause;
use crate::refusal::Refusal;

/// A major of the school's own catalogue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Major {
    /// The code of the national or provincial list of majors.
    pub code: String,
    pub name: String,
    /// Whether it is one of the main majors (主干专业).
    pub is_main: bool,
}

/// The majors that a text names, one by one: people part them by `、` and by commas.
pub fn named(text: &str) -> Vec<String> {
    let parts = text.split(['、', '，', ',', '；', ';', '/', '\n']).map(str::trim);
    parts.filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

/// The major of the catalogue that a text means, by code or name; brackets may be wide or narrow.
pub fn find<'m>(catalogue: &'m [Major], text: &str) -> Option<&'m Major> {
    let text = plain(text);
    catalogue.iter().find(|major| major.code == text || plain(&major.name) == text)
}

fn plain(text: &str) -> String {
    let narrow = |c: char| match c {
        '（' => '(',
        '）' => ')',
        '\u{ff10}'..='\u{ff19}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        c => c,
    };
    text.chars().filter(|c| !c.is_whitespace()).map(narrow).collect()
}

/// What the reviewer is asked about the majors that an occupation is filed with: those that the catalogue does not have
/// as a main major.
pub fn questions(catalogue: &[Major], majors: &str) -> Vec<String> {
    let ask = |name: String| match find(catalogue, &name) {
        None => Some(format!("“{name}”不在本校专业目录，请核对")),
        Some(major) if !major.is_main => Some(format!("“{name}”在本校专业目录中不是主干专业，请核对")),
        Some(_) => None,
    };
    named(majors).into_iter().filter_map(ask).collect()
}

/// Whether an occupation is filed with a main major at all: one is enough, further ones are the reviewer's question.
/// `label` says which occupation.
pub fn fits_a_main_major(catalogue: &[Major], label: &str, majors: &str) -> Result<(), Refusal> {
    let refuse = |what: String, remedy: &str| Err(Refusal::new(Clause::S1_2_1, what).remedy(remedy));
    let names = named(majors);
    if names.is_empty() {
        return refuse(format!("{label}没有对应的主干专业"), "请填写与该职业相适应的本校主干专业，没有的请删去该职业");
    }
    let found: Vec<_> = names.iter().filter_map(|name| find(catalogue, name)).collect();
    if found.iter().any(|major| major.is_main) {
        return Ok(());
    }
    let listed = names.join("、");
    if found.is_empty() {
        return refuse(
            format!("{label}对应的“{listed}”不在本校专业目录"),
            "请按专业目录中的名称填写；目录不全的，请补全后重新导入专业目录",
        );
    }
    refuse(
        format!("{label}对应的“{listed}”在本校专业目录中不是主干专业"),
        "请填写与该职业相适应的主干专业，没有的请删去该职业；目录有误的，请改正后重新导入",
    )
}

/// The school's catalogue has to be there before anything can be compared with it.
pub fn catalogue_imported(catalogue: &[Major]) -> Result<(), Refusal> {
    if catalogue.is_empty() {
        return Err(Refusal::new(Clause::S1_2_1, "还没有导入本校专业目录，不能核对职业与主干专业是否相适应")
            .remedy("请在“专业目录”中导入本校开设的专业，注明主干专业"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn catalogue() -> Vec<Major> {
        [("0501", "烹饪（中式烹调）", true), ("0202", "数控加工", true), ("0603", "茶艺", false)]
            .map(|(code, name, is_main)| Major { code: code.into(), name: name.into(), is_main })
            .to_vec()
    }

    #[test]
    fn s1_2_1_a_major_is_found_by_code_or_name() {
        let majors = catalogue();
        let name = |text: &str| find(&majors, text).map(|major| major.name.as_str());
        assert_eq!(name("烹饪(中式烹调)"), Some("烹饪（中式烹调）"));
        assert_eq!(name(" ０２０２ "), Some("数控加工"));
        assert_eq!(name("烹饪"), None);
        assert_eq!(named("烹饪（中式烹调）、数控加工， 茶艺;"), ["烹饪（中式烹调）", "数控加工", "茶艺"]);
    }

    #[test]
    fn s1_2_1_one_main_major_is_enough_and_the_rest_is_asked() {
        let majors = catalogue();
        let says = |text: &str| fits_a_main_major(&majors, "车工", text).map_err(|refusal| refusal.what);
        assert_eq!(says("数控加工"), Ok(()));
        assert_eq!(says("茶艺、数控加工、机械"), Ok(()));
        assert_eq!(
            questions(&majors, "茶艺、数控加工、机械"),
            ["“茶艺”在本校专业目录中不是主干专业，请核对", "“机械”不在本校专业目录，请核对"]
        );
        assert_eq!(says(""), Err("车工没有对应的主干专业".into()));
        assert_eq!(says("机械"), Err("车工对应的“机械”不在本校专业目录".into()));
        assert_eq!(says("茶艺、机械"), Err("车工对应的“茶艺、机械”在本校专业目录中不是主干专业".into()));
        assert!(catalogue_imported(&[]).is_err() && catalogue_imported(&majors).is_ok());
    }
}
