//! 二（一）备案, 一（二）条件, 一（三）职业范围, 附件2: from a school's application to its place in the directory.

use axum::http::StatusCode;

use serde_json::json;

use crate::world::on_each_database;

#[test]
fn s2_1_3b_a_filed_school_has_a_receipt_with_number_and_validity() {
    on_each_database("2026-03-02", |world| {
        let mut school = world.new_school("示例一技工学校", "city", "350102");
        world.fill_filing(&mut school);
        let filing = format!("/filings/{}", school.filing);
        let receipt = format!("{filing}/receipt");
        world.submit_filing(&school);
        world.review_filing(&school);
        world.post(&school.provincial_centre, &receipt, json!({})).refused("2.1.3a");
        world.list_filing(&mut school);
        world.get(&school.clerk, &receipt).refused("2.1.3b");
        assert_eq!(world.post(&school.centre, &receipt, json!({})).status, StatusCode::FORBIDDEN);
        world.post(&school.provincial_centre, &receipt, json!({})).done();
        let said = world.post(&school.provincial_centre, &receipt, json!({})).refused("2.1.3b");
        assert!(said.what.contains("已发放"), "{said:?}");
        let told = world.get(&school.clerk, &receipt).done();
        assert_eq!(told["number"], "Y000035000001");
        assert_eq!(
            (&told["valid_from"], &told["valid_until"], &told["centre_name"]),
            (&json!("2026-03-02"), &json!("2029-03-01"), &json!("福建省职业技能鉴定指导中心"))
        );
        assert_eq!(told["scope"][0]["levels"], json!(["四级/中级工", "三级/高级工"]));
        // The next school gets the next number.
        assert_eq!(world.filed_school("示例二技工学校").number, "Y000035000002");
    });
}
