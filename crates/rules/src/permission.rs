//! Who may do what, and how far: one exhaustive match. A new act does not compile until someone is granted it.

use serde::{Deserialize, Serialize};

use crate::notice::Clause;
use crate::people::Role;

/// How far a grant reaches. Out of reach is *not found*.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reach {
    /// The body of one's own seat.
    Own,
    /// Bodies whose centre in charge is one's own seat (二（一）1).
    Charge,
    /// Bodies of one's territory: a city's own, or the whole province for provincial offices (三（一）).
    Territory,
    /// What belongs to nobody: public records, one's own account, the platform itself.
    Anywhere,
}

macro_rules! act_kinds {
    ($($(#[doc = $doc:literal])* $variant:ident, $name:literal, $clause:expr;)*) => {
        /// Every act of the platform: one verb each.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
        pub enum ActKind { $($(#[doc = $doc])* $variant,)* }

        impl ActKind {
            /// Every act, in the notice's reading order.
            pub const ALL: &'static [ActKind] = &[$(Self::$variant,)*];

            /// The code word kept in the record: `SubmitFiling`.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => stringify!($variant),)* }
            }

            /// What people read: `提交备案申请`.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// The clause that this act carries out, where the notice speaks of it.
            pub const fn clause(self) -> Option<Clause> {
                match self { $(Self::$variant => $clause,)* }
            }
        }
    };
}

use Clause as C;

act_kinds! {
    OpenFiling, "开始备案申请", Some(C::S2_1_1A);
    DescribeBody, "填写机构信息", Some(C::A1);
    PlanTrades, "填写拟备案职业", Some(C::S1_2_1);
    ListPeople, "填写人员队伍", Some(C::S1_2_2);
    ListSites, "填写场地设备监控", Some(C::S1_2_3);
    AttachMaterial, "上传申请材料", Some(C::A2);
    RemoveMaterial, "移除申请材料", Some(C::A2);
    ImportMajors, "导入专业目录", Some(C::S1_2_1);
    RemoveMajor, "移除专业", Some(C::S1_2_1);
    ImportPeople, "导入人员队伍", Some(C::S1_2_2);
    ImportSites, "导入场地设备监控", Some(C::S1_2_3);
    SubmitFiling, "提交备案申请", Some(C::S2_1_1B);
    AcceptFiling, "受理备案申请", Some(C::S2_1_2A);
    GiveBackFiling, "退回备案申请", Some(C::S2_1_2A);
    EnterCard, "登记证卡", Some(C::S3_1_1);
    ChangeCard, "修改证卡", Some(C::S3_1_1);
    RenewCard, "延续证卡", Some(C::S3_1_1);
    ImportCards, "导入证卡", Some(C::S3_1_1);
    SuspendCard, "暂停证卡", Some(C::S3_1_1);
    ResumeCard, "恢复证卡", Some(C::S3_1_1);
    NoteFinding, "记录考评督导情况", Some(C::S3_1_1);
    PlanEvaluation, "安排现场评估", Some(C::S2_1_2A);
    MoveEvaluation, "更改评估日期", Some(C::S2_1_2A);
    DrawPanel, "抽取评估专家", Some(C::S2_1_2A);
    ReplaceMember, "递补评估专家", Some(C::S2_1_2A);
    MarkEvaluation, "登记评估评分", Some(C::S2_1_2A);
    AttachEvidence, "上传评估材料", Some(C::S2_1_2A);
    RemoveEvidence, "移除评估材料", Some(C::S2_1_2A);
    FinishEvaluation, "形成评估结论", Some(C::S2_1_2A);
    AssessFiling, "备案审核评估", Some(C::S2_1_2A);
    ConsentFiling, "市局同意备案", Some(C::S2_1_2B);
    SummariseFiling, "省中心汇总备案", Some(C::S2_1_2B);
    ExportMinistry, "导出报部备案表", Some(C::S2_1_3A);
    RecordMinistryFiling, "登记部级备案", Some(C::S2_1_3A);
    RecordMinistryFilings, "成批登记部级备案", Some(C::S2_1_3A);
    ListFiling, "列入机构目录", Some(C::S2_1_3A);
    IssueReceipt, "发放备案回执", Some(C::S2_1_3B);
    TellChange, "告知机构变更", Some(C::S2_1_3D);
    ApplyChange, "申请机构变更", Some(C::S2_1_3D);
    DecideChange, "审核机构变更", Some(C::S2_1_3D);
    DropTrades, "减少备案职业", Some(C::S2_1_3D);
    ApplyRenewal, "申请备案延期", Some(C::S2_1_3C);
    EvaluateRenewal, "评估备案延期", Some(C::S2_1_3C);
    DecideRenewal, "决定备案延期", Some(C::S2_1_3C);
    ExpireListing, "登记备案到期", Some(C::S2_1_3C);
    LeaveDirectory, "自愿退出目录", Some(C::S2_1_3D);
    DeemWithdrawn, "登记视同退出", Some(C::S3_3_4);
    NarrowListing, "缩小备案范围", Some(C::S2_1_3D);
    StopPilot, "停止试点", Some(C::S3_3_8);
    LiftStop, "恢复试点", Some(C::S3_3_8);
    EnterBody, "登记企业备案或组织遴选", Some(C::S1_1_2);
    ProposeCooperation, "提出院校合作", Some(C::S1_1_1);
    ConfirmCooperation, "确认院校合作", Some(C::S1_1_1);
    DeclineCooperation, "不同意院校合作", Some(C::S1_1_2);
    WithdrawCooperation, "撤回院校合作", Some(C::S1_1_2);
    EndCooperation, "终止院校合作", Some(C::S1_1_1);
    TransferBody, "调整主管", Some(C::S3_1_2);
    PublishRegulation, "公布管理办法", Some(C::S3_5_1);
    WithdrawRegulation, "废止管理办法", Some(C::S3_5_1);
    PublishFees, "公布收费项目表", Some(C::S3_5_1);
    PublishYearPlan, "公布年度工作计划", Some(C::S2_2_1A);
    SetStandardRules, "登记标准的考核规则", Some(C::S1_4_1);
    SetStandardRubric, "登记标准的评分细则", Some(C::S1_4_1);
    NotifyBatch, "通报认定批次", Some(C::S2_2_1B);
    CancelBatch, "取消认定批次", Some(C::S2_2_1B);
    AssignExaminers, "安排考评人员", Some(C::S1_2_2);
    AssignSupervisors, "派出质量督导员", Some(C::S2_2_1C);
    ChangeBatch, "变更认定批次", Some(C::S2_2_1B);
    PostponeBatch, "推迟认定批次", Some(C::S2_2_1B);
    StopBatch, "叫停认定批次", Some(C::S2_2_1C);
    LiftBatchStop, "解除叫停", Some(C::S2_2_1C);
    EndBatch, "终止认定批次", Some(C::S2_2_1C);
    RecordInspection, "登记检查", Some(C::S2_2_2B);
    AnswerRectification, "答复整改", Some(C::S2_2_2B);
    CheckRectification, "复查整改", Some(C::S2_2_2B);
    RemindRectification, "提醒整改", Some(C::S2_2_2B);
    ChangeTerm, "调整期限与数值", Some(C::S3_2_2);
    UploadEnrolment, "导入学籍名册", Some(C::S1_1_3);
    UploadRoster, "导入报名名册", Some(C::S1_1_3);
    WithdrawCandidate, "撤销考生报名", Some(C::S3_3_1);
    RestoreCandidate, "恢复考生报名", Some(C::S3_3_1);
    UploadPhotos, "导入考生照片", Some(C::S2_2_4B);
    ArrangeBatch, "编排考场和座位", Some(C::S1_5_1);
    ArrangeRest, "补排座位", Some(C::S1_5_1);
    MoveSeat, "更改座位", Some(C::S1_5_1);
    StartSession, "登记开考", Some(C::S3_3_1);
    NoteArrivals, "登记考生签到", Some(C::S3_3_1);
    EndSession, "登记考试结束", Some(C::S1_5_1);
    ProposeAttendance, "提出签到更正", Some(C::S3_3_1);
    AnswerAttendance, "答复签到更正", Some(C::S3_3_1);
    UploadArrivals, "导入签到名单", Some(C::S3_3_1);
    HoldByList, "按名单登记考场", Some(C::S1_5_1);
    NoteIncident, "登记异常情况", Some(C::S3_3_1);
    CloseIncident, "了结异常情况", Some(C::S3_3_7);
    ReportViolation, "报告违纪", Some(C::S3_3_1);
    HearViolation, "登记违纪陈述", Some(C::S3_3_1);
    DecideViolation, "决定违纪", Some(C::S3_3_7);
    AskDeferral, "申请缓考", Some(C::S1_5_1);
    AnswerDeferral, "答复缓考", Some(C::S1_5_1);
    NoteRecordings, "登记考试录像", Some(C::S3_3_1);
    UploadRecordings, "导入录像清单", Some(C::S3_3_1);
    KeepRecordings, "延长录像保存", Some(C::S3_3_1);
    VoidRecording, "作废录像登记", Some(C::S3_3_1);
    StopRoom, "叫停考场", Some(C::S2_2_1C);
    LiftRoomStop, "解除考场叫停", Some(C::S2_2_1C);
    NoteAtSite, "登记现场督导情况", Some(C::S2_2_1C);
    UploadMarks, "导入成绩", Some(C::S1_5_1);
    EnterMark, "登记成绩", Some(C::S1_5_1);
    EnterMarksAgain, "再次登记成绩", Some(C::S1_5_1);
    ConfirmMarks, "核对确认成绩", Some(C::S1_5_1);
    KeepMarks, "采用保留成绩", Some(C::S1_5_1);
    EnterScores, "登记考评评分", Some(C::S1_5_1);
    UploadScores, "导入考评评分", Some(C::S1_5_1);
    HandInScores, "提交评分表", Some(C::S1_5_1);
    ReturnScores, "退回评分表", Some(C::S3_3_1);
    MergeScores, "汇总考评评分", Some(C::S1_5_1);
    IssueStationCodes, "发放评分码", Some(C::S1_5_1);
    EnterStationScores, "凭评分码评分", Some(C::S1_5_1);
    HandInStationScores, "凭评分码提交评分表", Some(C::S1_5_1);
    ProposeMarkChange, "提出成绩更改", Some(C::S3_3_1);
    AnswerMarkChange, "答复成绩更改", Some(C::S3_3_1);
    AskMarkReview, "申请成绩复核", Some(C::S1_5_1);
    AnswerMarkReview, "答复成绩复核", Some(C::S1_5_1);
    EnterPilotMajor, "登记一体化试点专业", Some(C::S1_5_3);
    RemovePilotMajor, "移出一体化试点专业", Some(C::S1_5_3);
    ProposeScheme, "提出替代考核方案", Some(C::S1_5_2);
    DecideScheme, "审批替代考核方案", Some(C::S1_5_2);
    EnterCourseMarks, "登记结课考试成绩", Some(C::S1_5_2);
    EnterModuleMarks, "登记过程考核成绩", Some(C::S1_5_3);
    UploadSchemeMarks, "导入方案成绩", Some(C::S1_5_2);
    PostResults, "公示认定结果", Some(C::S2_2_3A);
    LodgeObjection, "提出公示异议", Some(C::S2_2_3A);
    DecideObjection, "处理公示异议", Some(C::S2_2_3B);
    ClosePublicity, "公示到期撤下", Some(C::S2_2_3A);
    ProvePosting, "登记校内张贴", Some(C::S2_2_3A);
    RestartPublicity, "重新公示", Some(C::S2_2_3A);
    NoteHearing, "登记听取陈述", Some(C::S2_2_3B);
    ReportResults, "上报认定结果", Some(C::S2_2_3B);
    DecideLateReport, "裁定逾期上报", Some(C::S2_2_3B);
    ReviewPersons, "逐人审核结果", Some(C::S2_2_4A);
    DrawReviewSample, "抽取审核样本", Some(C::S2_2_4A);
    GiveUpPersons, "不再办理人员", Some(C::S2_2_3B);
    IssueCertificates, "核发职业技能等级证书", Some(C::S2_2_4B);
    SetPrintOffset, "填写套打偏移", Some(C::S2_2_4B);
    RotateKey, "更换签名密钥", Some(C::S2_2_4B);
    ReportLostKey, "报失签名密钥", Some(C::S2_2_4B);
    ReceiveBlanks, "登记收到空白证书", Some(C::S2_2_4B);
    TakeSerials, "登记套打流水号", Some(C::S2_2_4B);
    SpoilBlanks, "登记作废空白证书", Some(C::S3_3_7);
    ReverseStockEntry, "冲销空白证书登记", Some(C::S3_3_7);
    ProposeBlankDestruction, "提出销毁作废证书", Some(C::S3_3_7);
    AnswerBlankDestruction, "答复销毁作废证书", Some(C::S3_3_7);
    ProposeStamp, "提出证书印章", Some(C::S2_2_4B);
    AnswerStamp, "答复证书印章", Some(C::S2_2_4B);
    ProposeCertificateChange, "提出证书变更", Some(C::S3_3_6);
    AnswerCertificateChange, "答复证书变更", Some(C::S3_3_6);
    AskCertificateChange, "申请更正或补发证书", Some(C::S3_3_6);
    DeclineCertificateRequest, "不予办理证书申请", Some(C::S3_3_6);
    EnterPiece, "登记归档材料", Some(C::S3_3_1);
    RemovePiece, "移除归档材料", Some(C::S3_3_1);
    CloseArchive, "批次归档", Some(C::S3_3_1);
    OpenArchive, "调阅档案", Some(C::S3_3_1);
    ProposeDestruction, "提出销毁档案", Some(C::S3_3_1);
    AnswerDestruction, "答复销毁档案", Some(C::S3_3_1);
    RegisterBody, "登记机构", Some(C::S3_2_2);
    CreateAccount, "开设账号", Some(C::S3_2_2);
    CloseAccount, "停用账号", Some(C::S3_2_2);
    ChangePassword, "修改密码", None;
    ResetPassword, "重置密码", None;
    SignIn, "登录", None;
    SignOut, "退出登录", None;
    ImportTable, "导入参考数据表", Some(C::S3_2_2);
    Remind, "发送到期提醒", Some(C::S2_1_3C);
    AskCode, "获取验证码", None;
    ConfirmContact, "确认邮箱或手机号", None;
    RemoveContact, "移除邮箱或手机号", None;
    ChooseMessages, "选择接收的消息", None;
    RetryDeliveries, "重新投递消息", Some(C::S3_2_2);
    AskOwnCode, "考生获取验证码", None;
    EnterOwnPage, "考生查看本人信息", None;
    LeaveOwnPage, "考生退出", None;
    IssueOwnCodes, "发放考生查询码", Some(C::S3_3_1);
    ForgetPhones, "清除考生手机号", None;
    ProposeCandidateChange, "提出考生信息更正", Some(C::S3_3_1);
    AnswerCandidateChange, "答复考生信息更正", Some(C::S3_3_1);
    ProposeException, "提出报名资格例外", Some(C::S1_4_1);
    DecideException, "决定报名资格例外", Some(C::S1_4_1);
    RecheckCandidates, "复核考生报名资格", Some(C::S1_4_1);
    BuildExchange, "制作交换包", Some(C::S3_3_6);
    MarkExchange, "登记交换包已上传", Some(C::S3_3_6);
    WithdrawExchange, "撤回交换包", Some(C::S3_3_6);
    PushExchange, "交由接口上传", Some(C::S3_3_6);
    ImportExchangeReceipt, "导入国家平台回执", Some(C::S3_3_6);
    SendExchangeAgain, "重新上传被退回的证书", Some(C::S3_3_6);
    ImportNational, "导入国家平台清单", Some(C::S3_3_6);
    CompareNational, "与国家平台清单对账", Some(C::S3_3_6);
    ResolveDifference, "处理对账差异", Some(C::S3_3_6);
    ImportElsewhere, "导入外部编号的证书", Some(C::S2_2_4B);
    ChangeExchangeTemplate, "调整交换模板", Some(C::S3_3_6);
    EnterEmployer, "开通用人单位", Some(C::S2_2_4C);
    CheckCertificates, "批量核验证书", Some(C::S2_2_4C);
    ShareCertificate, "建立证书出示链接", Some(C::S2_2_4C);
    EndShare, "停用证书出示链接", Some(C::S2_2_4C);
    SeeShare, "查看出示的证书", Some(C::S2_2_4C);
}

/// Who is granted an act, and how far each grant reaches.
pub const fn grants(act: ActKind) -> &'static [(Role, Reach)] {
    use ActKind as A;
    use Reach::{Anywhere, Charge, Own, Territory};
    use Role as R;
    const BODY: &[(Role, Reach)] = &[(R::Clerk, Own), (R::Head, Own)];
    const HEAD: &[(Role, Reach)] = &[(R::Head, Own)];
    const CENTRE: &[(Role, Reach)] = &[(R::CityCentre, Charge), (R::ProvincialCentre, Charge)];
    const DEPARTMENT: &[(Role, Reach)] = &[(R::ProvincialDepartment, Territory)];
    // 各级人社部门 and 各级职业技能鉴定指导中心 (二（二）1, 2): each office within its own reach.
    const INSPECTORS: &[(Role, Reach)] = &[
        (R::CityCentre, Charge),
        (R::CityBureau, Territory),
        (R::ProvincialCentre, Charge),
        (R::ProvincialDepartment, Territory),
    ];
    const ADMINISTRATOR: &[(Role, Reach)] = &[(R::Administrator, Anywhere)];
    const TIMER: &[(Role, Reach)] = &[(R::Timer, Anywhere)];
    const ACCOUNTS: &[(Role, Reach)] = &[
        (R::Clerk, Anywhere),
        (R::Head, Anywhere),
        (R::CityCentre, Anywhere),
        (R::CityBureau, Anywhere),
        (R::ProvincialCentre, Anywhere),
        (R::ProvincialDepartment, Anywhere),
        (R::Administrator, Anywhere),
        (R::Employer, Anywhere),
    ];
    match act {
        A::OpenFiling
        | A::DescribeBody
        | A::PlanTrades
        | A::ListPeople
        | A::ListSites
        | A::AttachMaterial
        | A::RemoveMaterial
        | A::ImportMajors
        | A::RemoveMajor
        | A::ImportPeople
        | A::ImportSites => BODY,
        A::TellChange | A::ApplyChange => BODY,
        A::DropTrades | A::LeaveDirectory | A::ApplyRenewal => HEAD,
        A::DecideChange | A::EvaluateRenewal => CENTRE,
        A::DecideRenewal => &[(R::ProvincialCentre, Territory)],
        A::NarrowListing | A::StopPilot | A::LiftStop | A::TransferBody => DEPARTMENT,
        A::RecordInspection | A::CheckRectification => INSPECTORS,
        A::AnswerRectification => HEAD,
        A::PublishYearPlan => HEAD,
        A::StopBatch | A::LiftBatchStop | A::EndBatch => CENTRE,
        A::StopRoom | A::LiftRoomStop => CENTRE,
        A::NoteAtSite => INSPECTORS,
        A::UploadArrivals
        | A::HoldByList
        | A::NoteIncident
        | A::ReportViolation
        | A::HearViolation
        | A::AskDeferral
        | A::AnswerDeferral
        | A::NoteRecordings
        | A::UploadRecordings
        | A::KeepRecordings
        | A::VoidRecording => BODY,
        A::CloseIncident | A::DecideViolation => HEAD,
        A::PublishRegulation | A::WithdrawRegulation | A::PublishFees => HEAD,
        A::SubmitFiling => HEAD,
        A::PlanEvaluation
        | A::MoveEvaluation
        | A::DrawPanel
        | A::ReplaceMember
        | A::MarkEvaluation
        | A::AttachEvidence
        | A::RemoveEvidence
        | A::FinishEvaluation => CENTRE,
        A::EnterCard | A::ChangeCard | A::RenewCard | A::ImportCards | A::SuspendCard | A::ResumeCard => {
            &[(R::ProvincialCentre, Anywhere)]
        }
        A::NoteFinding => &[(R::CityCentre, Anywhere), (R::ProvincialCentre, Anywhere)],
        A::AcceptFiling | A::AssessFiling => CENTRE,
        // Whose turn it is gives back (`filing::may_give_back`): each office within its own reach.
        A::GiveBackFiling => &[
            (R::CityCentre, Charge),
            (R::CityBureau, Territory),
            (R::ProvincialCentre, Territory),
            (R::ProvincialDepartment, Territory),
        ],
        A::ConsentFiling => &[(R::CityBureau, Territory)],
        A::SummariseFiling | A::IssueReceipt => &[(R::ProvincialCentre, Territory)],
        A::ExportMinistry | A::RecordMinistryFiling | A::RecordMinistryFilings | A::ListFiling => DEPARTMENT,
        A::EnterBody => DEPARTMENT,
        A::SetStandardRules | A::SetStandardRubric | A::ChangeTerm | A::RotateKey | A::EnterEmployer => {
            &[(R::ProvincialCentre, Anywhere)]
        }
        A::ReportLostKey => &[(R::Head, Own), (R::ProvincialCentre, Anywhere)],
        A::CheckCertificates => &[(R::Employer, Anywhere)],
        A::ProposeCooperation | A::WithdrawCooperation => BODY,
        A::ConfirmCooperation | A::DeclineCooperation | A::EndCooperation => HEAD,
        A::NotifyBatch
        | A::CancelBatch
        | A::AssignExaminers
        | A::ChangeBatch
        | A::PostponeBatch
        | A::UploadEnrolment
        | A::UploadRoster
        | A::WithdrawCandidate
        | A::RestoreCandidate
        | A::UploadPhotos
        | A::ArrangeBatch
        | A::ArrangeRest
        | A::MoveSeat
        | A::StartSession
        | A::NoteArrivals
        | A::EndSession
        | A::ProposeAttendance
        | A::AnswerAttendance
        | A::UploadMarks
        | A::EnterMark
        | A::EnterMarksAgain
        | A::ConfirmMarks
        | A::KeepMarks
        | A::ProposeMarkChange
        | A::AnswerMarkChange
        | A::AnswerMarkReview
        | A::ProposeScheme
        | A::EnterCourseMarks
        | A::EnterModuleMarks
        | A::UploadSchemeMarks
        | A::EnterScores
        | A::UploadScores
        | A::HandInScores
        | A::ReturnScores
        | A::MergeScores
        | A::IssueStationCodes
        | A::EnterPiece
        | A::RemovePiece
        | A::SetPrintOffset
        | A::ReceiveBlanks
        | A::TakeSerials
        | A::SpoilBlanks
        | A::ProposeBlankDestruction
        | A::AnswerBlankDestruction
        | A::ProposeCertificateChange
        | A::AnswerCertificateChange
        | A::IssueOwnCodes
        | A::ProposeCandidateChange
        | A::AnswerCandidateChange
        | A::ProposeException => BODY,
        // Whoever may look into a batch may ask for its archive, and says why.
        A::OpenArchive => &[
            (R::Clerk, Own),
            (R::Head, Own),
            (R::CityCentre, Territory),
            (R::CityBureau, Territory),
            (R::ProvincialCentre, Territory),
            (R::ProvincialDepartment, Territory),
        ],
        // Who has the code of a score sheet is an assessor, who has no account.
        A::AskMarkReview | A::AskCertificateChange | A::EnterStationScores | A::HandInStationScores => {
            &[(R::Public, Anywhere)]
        }
        A::DecideScheme | A::DecideException => CENTRE,
        A::EnterPilotMajor | A::RemovePilotMajor => &[(R::ProvincialCentre, Territory)],
        A::PostResults
        | A::DecideObjection
        | A::ReportResults
        | A::GiveUpPersons
        | A::IssueCertificates
        | A::DeclineCertificateRequest
        | A::CloseArchive => HEAD,
        A::LodgeObjection => &[(R::Public, Anywhere)],
        A::ProvePosting | A::NoteHearing | A::ProposeDestruction | A::AnswerDestruction => BODY,
        A::ReverseStockEntry | A::ProposeStamp => HEAD,
        // The centre that holds the body's filing compares; the body may take its proposal back.
        A::AnswerStamp => &[(R::Head, Own), (R::CityCentre, Charge), (R::ProvincialCentre, Charge)],
        // The body that finds out itself, or the centre that supervises it.
        A::RestartPublicity => &[(R::Head, Own), (R::CityCentre, Charge), (R::ProvincialCentre, Charge)],
        A::ClosePublicity
        | A::Remind
        | A::RemindRectification
        | A::ExpireListing
        | A::DeemWithdrawn
        | A::ForgetPhones => TIMER,
        A::RecheckCandidates => &[(R::Clerk, Own), (R::Head, Own), (R::Timer, Anywhere)],
        A::DecideLateReport | A::ReviewPersons | A::DrawReviewSample | A::AssignSupervisors => CENTRE,
        A::RegisterBody | A::CreateAccount | A::CloseAccount | A::ResetPassword | A::ImportTable => ADMINISTRATOR,
        A::RetryDeliveries => ADMINISTRATOR,
        A::ChangePassword | A::SignOut => ACCOUNTS,
        A::AskCode | A::ConfirmContact | A::RemoveContact | A::ChooseMessages => ACCOUNTS,
        A::SignIn | A::AskOwnCode | A::EnterOwnPage | A::SeeShare => &[(R::Public, Anywhere)],
        A::LeaveOwnPage | A::ShareCertificate | A::EndShare => &[(R::Candidate, Anywhere)],
        // The body uploads what it issues, or the provincial centre does for it.
        A::BuildExchange
        | A::MarkExchange
        | A::WithdrawExchange
        | A::ImportExchangeReceipt
        | A::SendExchangeAgain
        | A::ResolveDifference => &[(R::Clerk, Own), (R::Head, Own), (R::ProvincialCentre, Territory)],
        A::PushExchange => &[(R::ProvincialCentre, Territory)],
        A::ImportNational | A::ImportElsewhere | A::ChangeExchangeTemplate => &[(R::ProvincialCentre, Anywhere)],
        A::CompareNational => TIMER,
    }
}

/// How far this role's grant of this act reaches, or `None` if it has none.
pub fn may(role: Role, act: ActKind) -> Option<Reach> {
    grants(act).iter().find(|(granted, _)| *granted == role).map(|(_, reach)| *reach)
}

/// What may be read and is not public: one kind per question that a page asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum LookKind {
    /// 待办: what must I do now, by when, under which clause.
    Work,
    /// 备案 lists and one filing with everything in it.
    Filings,
    /// 证卡名册: the provincial register of assessors, inspectors and experts; a body sees its own people.
    Register,
    /// 标准: how issued standards have their levels examined.
    Standards,
    /// 学籍名册 of one's own body.
    Enrolment,
    /// 院校合作: agreements and requests that one's own body is a party of, or a body of one's territory.
    Cooperations,
    /// 批次 lists and one batch with its candidates, marks, results and report.
    Batches,
    /// 检查 and 整改: of one's own body, or of bodies of one's territory.
    Inspections,
    /// A candidate's full personal data; every such look is recorded.
    Candidates,
    /// Issued certificates of a body, with their files.
    Certificates,
    /// 证书溯源: the whole chain behind a certificate (三（三）).
    Chain,
    /// Accounts, bodies, reference tables.
    Administration,
    /// One's own account.
    Account,
    /// The record of acts.
    Records,
    /// 考生本人: what belongs to the candidate who has shown to be one; every such look is recorded.
    Own,
    /// Which employers were let in.
    Employers,
    /// What an employer had checked.
    Checks,
}

impl LookKind {
    /// Every kind of look.
    pub const ALL: &'static [LookKind] = &[
        Self::Work,
        Self::Filings,
        Self::Register,
        Self::Standards,
        Self::Enrolment,
        Self::Cooperations,
        Self::Batches,
        Self::Inspections,
        Self::Candidates,
        Self::Certificates,
        Self::Chain,
        Self::Administration,
        Self::Account,
        Self::Records,
        Self::Own,
        Self::Employers,
        Self::Checks,
    ];
}

/// How far this role may look, or `None` if not at all.
pub const fn may_look(role: Role, look: LookKind) -> Option<Reach> {
    use LookKind as L;
    use Reach::{Anywhere, Own, Territory};
    use Role as R;
    match (look, role) {
        (_, R::Timer | R::Public) => None,
        (L::Own, R::Candidate) => Some(Anywhere),
        (L::Own, _) | (_, R::Candidate) => None,
        (L::Account | L::Work, _)
        | (L::Checks, R::Employer)
        | (L::Employers, R::ProvincialCentre | R::Administrator) => Some(Anywhere),
        (L::Checks | L::Employers, _) | (_, R::Employer) => None,
        (L::Standards, _) => Some(Anywhere),
        (
            L::Filings
            | L::Cooperations
            | L::Batches
            | L::Inspections
            | L::Candidates
            | L::Certificates
            | L::Chain
            | L::Records,
            R::Clerk | R::Head,
        )
        | (L::Enrolment | L::Register, R::Clerk | R::Head) => Some(Own),
        (
            L::Filings
            | L::Cooperations
            | L::Batches
            | L::Inspections
            | L::Candidates
            | L::Certificates
            | L::Chain
            | L::Records,
            R::CityCentre | R::CityBureau | R::ProvincialCentre | R::ProvincialDepartment,
        ) => Some(Territory),
        (L::Administration | L::Records, R::Administrator) => Some(Anywhere),
        (L::Register, R::CityCentre | R::CityBureau | R::ProvincialCentre | R::ProvincialDepartment) => Some(Anywhere),
        (L::Enrolment, _) | (L::Administration, _) | (_, R::Administrator) => None,
    }
}
