//! Why a credential is not accepted. One kind for each check that failed, with a sentence for people and the address of
//! the problem's kind for programs.

/// What is wrong with a credential, a proof, a list or a request.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Flaw {
    /// The bytes are not JSON that means one thing: syntax, or a name that stands twice.
    #[error("不是规范的 JSON：{0}")]
    Json(String),
    /// A context that is not in the binary.
    #[error("上下文 {0} 未随程序提供，程序不从网上取用")]
    UnknownContext(String),
    /// A context inside the document that would hide part of it.
    #[error("文件自带的上下文含有 {0}，不予接受")]
    InlineContext(String),
    /// JSON-LD that can't be expanded.
    #[error("JSON-LD 无法展开：{0}")]
    JsonLd(String),
    /// A term that no context defines: it would fall out of what is signed.
    #[error("没有上下文定义“{0}”，签名不能覆盖它")]
    UndefinedTerm(String),
    /// What decides whether the credential holds stands under a second name, where nobody looks.
    #[error("“{0}”是凭证要素的另一种写法，不予接受")]
    SecondName(String),
    /// A reference that is not whole.
    #[error("“{0}”不是完整的标识（URI）")]
    RelativeIri(String),
    /// A reference that is no reference.
    #[error("“{0}”不是合法的标识（URI）")]
    BadIri(String),
    /// A null: it would fall out of what is signed.
    #[error("“{0}”的值为空（null），签名不能覆盖它")]
    Null(String),
    /// So many parts that look alike that comparing them would take forever.
    #[error("文件中无法区分的部分过多，不予处理")]
    TooSymmetric,

    /// A property of the data model is missing or malformed.
    #[error("“{at}”{what}")]
    Model {
        /// The property.
        at: String,
        /// What is wrong with it.
        what: &'static str,
    },
    /// A resource that the credential names has another digest.
    #[error("资源 {0} 的摘要不符")]
    ResourceDigest(String),

    /// No proof at all.
    #[error("没有证明（proof）")]
    NoProof,
    /// A proof that lacks something or holds something malformed.
    #[error("证明的“{at}”{what}")]
    Proof {
        /// The property of the proof.
        at: &'static str,
        /// What is wrong with it.
        what: &'static str,
    },
    /// A proof of another kind.
    #[error("不支持的证明类型“{0}”")]
    ProofType(String),
    /// A cryptosuite that is not known here.
    #[error("不支持的密码套件“{0}”")]
    Cryptosuite(String),
    /// The proof was made for something else.
    #[error("证明的用途是“{found}”，应为“{wanted}”")]
    ProofPurpose {
        /// What the proof says.
        found: String,
        /// What was expected.
        wanted: &'static str,
    },
    /// The proof's context is not the beginning of the document's.
    #[error("证明的上下文与文件的上下文不一致")]
    ProofContext,
    /// The proof was made later than now.
    #[error("证明的生成时间 {0} 晚于核验时间")]
    ProofFromFuture(String),
    /// The proof is no longer good.
    #[error("证明已于 {0} 到期")]
    ProofExpired(String),
    /// The proof was made for another domain.
    #[error("证明的 domain 与要求不符")]
    Domain,
    /// The proof answers another challenge.
    #[error("证明的 challenge 与要求不符")]
    Challenge,
    /// The proof builds on one that is not there.
    #[error("证明所依据的前一证明“{0}”不存在")]
    PreviousProof(String),
    /// Two proofs with one id, or a chain that bites its own tail.
    #[error("证明之间的先后关系不成立")]
    ProofChain,
    /// Multibase that is not what it has to be.
    #[error("“{0}”不是要求的 multibase 编码")]
    Multibase(&'static str),
    /// The signature is not that of this key over this document.
    #[error("签名不符：内容在签发后被改动，或者不是这把密钥签发的")]
    Signature,

    /// The key's document was not given.
    #[error("没有 {0} 的密钥文件（DID 文档）")]
    UnknownController(String),
    /// The key's document is not about whom it has to be.
    #[error("密钥文件与 {0} 不符")]
    Controller(String),
    /// The key's document does not hold this key.
    #[error("密钥文件中没有密钥 {0}")]
    UnknownMethod(String),
    /// The key may not be used for this.
    #[error("密钥 {0} 未被授权用于“{1}”")]
    NotAuthorised(String, &'static str),
    /// The key was withdrawn or has expired.
    #[error("密钥 {0} 已停用")]
    KeyEnded(String),
    /// Not an Ed25519 Multikey, or one of no effect.
    #[error("{0} 不是可用的 Ed25519 公钥")]
    Key(String),
    /// Signed by someone other than the issuer.
    #[error("证明所用的密钥不属于签发者 {0}")]
    NotTheIssuer(String),
    /// Signed by someone other than the holder.
    #[error("证明所用的密钥不属于出示者 {0}")]
    NotTheHolder(String),
    /// The signer did not sign.
    #[error("{0}")]
    Signer(String),

    /// Not valid yet.
    #[error("凭证自 {0} 起有效，尚未生效")]
    NotYetValid(String),
    /// Not valid any more.
    #[error("凭证已于 {0} 失效")]
    Expired(String),
    /// A kind of status that is not known here.
    #[error("不支持的状态类型“{0}”")]
    StatusType(String),
    /// The list that the credential names was not given.
    #[error("取不到状态列表 {0}")]
    NoStatusList(String),
    /// The list is not one that can be relied on.
    #[error("状态列表 {list} 不可用：{flaw}")]
    StatusList {
        /// Its address.
        list: String,
        /// What is wrong with it.
        flaw: Box<Flaw>,
    },
    /// The list answers another question.
    #[error("状态列表不说明“{0}”")]
    StatusListPurpose(String),
    /// A list too short to hide anyone in, or too long.
    #[error("状态列表的长度不合规定（至少 131072 位）")]
    StatusListLength,
    /// A list that can't be unpacked.
    #[error("状态列表的编码不合规定")]
    StatusListEncoding,
    /// A place beyond the list's end.
    #[error("状态列表中没有第 {0} 位")]
    StatusRange(String),
    /// Revoked.
    #[error("凭证已被撤销")]
    Revoked,
    /// Suspended.
    #[error("凭证已被暂停")]
    Suspended,

    /// Not an SD-JWT, or one that breaks its rules.
    #[error("SD-JWT 不合规定：{0}")]
    SdJwt(&'static str),
    /// A national-crypto proof that is malformed.
    #[error("国密证明不合规定：{0}")]
    National(&'static str),
}

impl Flaw {
    /// The address of the problem's kind, as the data model, Data Integrity and Bitstring Status List name it.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Json(_) | Self::JsonLd(_) | Self::UnknownContext(_) | Self::InlineContext(_) => {
                "https://www.w3.org/TR/vc-data-model#PARSING_ERROR"
            }
            Self::UndefinedTerm(_)
            | Self::SecondName(_)
            | Self::RelativeIri(_)
            | Self::BadIri(_)
            | Self::Null(_)
            | Self::Model { .. }
            | Self::SdJwt(_)
            | Self::National(_) => "https://www.w3.org/TR/vc-data-model#MALFORMED_VALUE_ERROR",
            Self::NotYetValid(_) | Self::Expired(_) | Self::StatusRange(_) => {
                "https://www.w3.org/TR/vc-data-model#RANGE_ERROR"
            }
            Self::ResourceDigest(_) | Self::Key(_) | Self::KeyEnded(_) => {
                "https://www.w3.org/TR/vc-data-model#CRYPTOGRAPHIC_SECURITY_ERROR"
            }
            Self::TooSymmetric => "https://w3id.org/security#PROOF_TRANSFORMATION_ERROR",
            Self::Signer(_) => "https://w3id.org/security#PROOF_GENERATION_ERROR",
            Self::Domain => "https://w3id.org/security#INVALID_DOMAIN_ERROR",
            Self::Challenge => "https://w3id.org/security#INVALID_CHALLENGE_ERROR",
            Self::UnknownController(_) | Self::Controller(_) => {
                "https://w3id.org/security#INVALID_CONTROLLED_IDENTIFIER_DOCUMENT"
            }
            Self::UnknownMethod(_) | Self::Multibase(_) => "https://w3id.org/security#INVALID_VERIFICATION_METHOD",
            Self::NotAuthorised(..) => "https://w3id.org/security#INVALID_RELATIONSHIP_FOR_VERIFICATION_METHOD",
            Self::NoProof
            | Self::Proof { .. }
            | Self::ProofType(_)
            | Self::Cryptosuite(_)
            | Self::ProofPurpose { .. }
            | Self::ProofContext
            | Self::ProofFromFuture(_)
            | Self::ProofExpired(_)
            | Self::PreviousProof(_)
            | Self::ProofChain
            | Self::Signature
            | Self::NotTheIssuer(_)
            | Self::NotTheHolder(_) => "https://w3id.org/security#PROOF_VERIFICATION_ERROR",
            Self::NoStatusList(_) => "https://www.w3.org/ns/credentials/status-list#STATUS_RETRIEVAL_ERROR",
            Self::StatusListLength => "https://www.w3.org/ns/credentials/status-list#STATUS_LIST_LENGTH_ERROR",
            Self::StatusType(_)
            | Self::StatusList { .. }
            | Self::StatusListPurpose(_)
            | Self::StatusListEncoding
            | Self::Revoked
            | Self::Suspended => "https://www.w3.org/ns/credentials/status-list#STATUS_VERIFICATION_ERROR",
        }
    }

    /// A property of the data model that is missing or malformed.
    pub(crate) fn model(at: impl Into<String>, what: &'static str) -> Self {
        Self::Model { at: at.into(), what }
    }
}
