//! The rows of the endpoint table, in the order of [`Endpoint`]'s variants (reference 2, 3, 10).
//!
//! "Our choice" in a meaning marks what no source states. Our choice too, because no source has it (reference 2.1):
//! who may call `entity.purge`, `entity.bulkDelete` and `entity.adopt`; that `versions/*` asks for what the plain view
//! asks for; and that operations whose page was not seen respect the client's allow list like those whose page was.
//!
//! Of the end-user operations only those are here that a server needs to get at access tokens, with what techdocs says of
//! them (get-an-access-token, get-an-authorization-code, oauthtoken).

use crate::capture::endpoint::ClientFeature;
use crate::capture::endpoint::Effect;
use crate::capture::endpoint::Endpoint;
use crate::capture::endpoint::EndpointSpec;
use crate::capture::endpoint::Evidence;
use crate::capture::endpoint::ParamKind;
use crate::capture::endpoint::ParamSpec;
use crate::capture::endpoint::Required;

const OWNER: &[ClientFeature] = &[ClientFeature::Owner];
const READERS: &[ClientFeature] = &[
    ClientFeature::Owner,
    ClientFeature::DirectAccess,
    ClientFeature::DirectReadAccess,
];
const WRITERS: &[ClientFeature] = &[ClientFeature::Owner, ClientFeature::DirectAccess];
const ISSUERS: &[ClientFeature] = &[
    ClientFeature::Owner,
    ClientFeature::AccessIssuer,
    ClientFeature::DirectAccess,
];
/// The table of `oauth/token` has no `login_client`, yet the vendor's example calls as one, and a code is exchanged by
/// the client it was issued for: so it may (our choice).
const EXCHANGERS: &[ClientFeature] = &[
    ClientFeature::Owner,
    ClientFeature::AccessIssuer,
    ClientFeature::DirectAccess,
    ClientFeature::LoginClient,
];
const EVERYBODY: &[ClientFeature] = &[
    ClientFeature::Owner,
    ClientFeature::AccessIssuer,
    ClientFeature::DirectAccess,
    ClientFeature::DirectReadAccess,
    ClientFeature::LoginClient,
];

/// What most rows share: a documented change that only an owner may make. Every row names its own first four fields.
const OWNER_WRITES: EndpointSpec = EndpointSpec {
    endpoint: Endpoint::EntityView,
    path: "",
    summary: "",
    params: &[],
    permitted: OWNER,
    any_client: false,
    user_token: false,
    allow_list: true,
    effect: Effect::Write,
    evidence: Evidence::Documented,
};

const fn param(name: &'static str, kind: ParamKind, meaning: &'static str) -> ParamSpec {
    ParamSpec {
        name,
        kind,
        required: Required::No,
        default: None,
        meaning,
    }
}

impl ParamSpec {
    const fn required(self) -> Self {
        self.when(Required::Yes)
    }

    const fn when(mut self, required: Required) -> Self {
        self.required = required;
        self
    }

    const fn default(mut self, default: &'static str) -> Self {
        self.default = Some(default);
        self
    }
}

// Arguments that several operations share.

const TYPE_NAME: ParamSpec = param(
    "type_name",
    ParamKind::Text,
    "The entity type's name, such as `user`.",
)
.required();
const RECORD_TYPE: ParamSpec = param(
    "type_name",
    ParamKind::Text,
    "The entity type's name, such as `user`. With an access token it is ignored: the \
     token's own record is meant.",
)
.when(Required::WithClient);
const UUID: ParamSpec = param(
    "uuid",
    ParamKind::Text,
    "Selects the record with this uuid. Exactly one of `uuid`, `id` and `key_attribute` \
     with `key_value` is given.",
)
.when(Required::Selector);
const ID: ParamSpec =
    param("id", ParamKind::Integer, "Selects the record with this id.").when(Required::Selector);
const KEY_ATTRIBUTE: ParamSpec = param(
    "key_attribute",
    ParamKind::Text,
    "Selects the record by this attribute, which must be `unique` (or be `uuid` or `id`); \
     goes with `key_value`.",
)
.when(Required::Selector);
const KEY_VALUE: ParamSpec = param(
    "key_value",
    ParamKind::Json,
    "The value of `key_attribute`, as JSON: a string keeps its quotes, \"a@b.c\".",
)
.when(Required::Selector);
const CREATED: ParamSpec = param(
    "created",
    ParamKind::DateTime,
    "Guard: the call fails with 330 unless the record was created at this instant.",
);
const LAST_UPDATED: ParamSpec = param(
    "lastUpdated",
    ParamKind::DateTime,
    "Guard: the call fails with 330 unless the record was last updated at this instant. \
     Some sources spell it `last_updated`; both are accepted (our choice).",
);
const FILTER: ParamSpec = param(
    "filter",
    ParamKind::Text,
    "Which records: a condition such as `email = 'a@b.c' and birthday is null`. Absent, all \
     records.",
);
const VALUE_PATH: ParamSpec = param(
    "attribute_name",
    ParamKind::Text,
    "Restricts the call to this part of the record: a value path such as \
     `/profiles#123/profile`. Empty or `/` is the whole record.",
);
const INCLUDE_RECORD: ParamSpec = param(
    "include_record",
    ParamKind::Bool,
    "Whether the answer carries the stored record as `result`.",
)
.default("false");
const TIMEOUT: ParamSpec = param(
    "timeout",
    ParamKind::Integer,
    "Seconds the service may take, documented up to 60; after that it answers 504.",
)
.default("10");
const APPLICATION_ID: ParamSpec = param(
    "application_id",
    ParamKind::Text,
    "The application's id. The host already decides it; a wrong one is refused with 221.",
);
const SCHEMA_PATH: ParamSpec = param(
    "attribute_name",
    ParamKind::Text,
    "The attribute's schema path: `/primaryAddress/city`, `primaryAddress.city` or `city`.",
)
.required();
const RULE_UUID: ParamSpec = param(
    "uuid",
    ParamKind::Text,
    "The uuid that the service gave when it was added.",
)
.required();
const ACCESS_CLIENT: ParamSpec = param(
    "for_client_id",
    ParamKind::Text,
    "The client whose access schema it is.",
)
.required();
const ACCESS_TYPE: ParamSpec = param(
    "access_type",
    ParamKind::Text,
    "`read`, `write`, `read_with_token` or `write_with_token`; the last two hold when the \
     caller presents a user's access token.",
)
.required();
const TIMESTAMP: ParamSpec = param(
    "timestamp",
    ParamKind::DateTime,
    "The instant to look back to; words such as `yesterday` are accepted.",
)
.required();
const FOR_CLIENT: ParamSpec = param(
    "for_client_id",
    ParamKind::Text,
    "The client meant. Absent, the calling client.",
);
const ISSUE_FOR: ParamSpec = param(
    "for_client_id",
    ParamKind::Text,
    "The client that is to use it. Absent, the calling client; another only for owner and \
     access_issuer (our choice).",
);
const KEY: ParamSpec = param("key", ParamKind::Text, "The setting's name.").required();
const SETTING_VALUE: ParamSpec =
    param("value", ParamKind::Text, "The setting's new value.").required();
const ITEMS: ParamSpec = param(
    "items",
    ParamKind::JsonObject,
    "The settings to store, name to value: `{\"level\":\"10\"}`. Values are strings.",
)
.required();

pub(super) const ROWS: &[EndpointSpec] = &[
    EndpointSpec {
        endpoint: Endpoint::EntityView,
        path: "/entity",
        summary: "Shows a record, or a part of one.",
        params: &[
            RECORD_TYPE,
            UUID,
            ID,
            KEY_ATTRIBUTE,
            KEY_VALUE,
            param(
                "attribute_name",
                ParamKind::Text,
                "Value path: `result` becomes just the value there.",
            ),
            param(
                "attributes",
                ParamKind::JsonArray,
                "Dotted names; `result` keeps only these: `[\"profiles.domain\",\"email\"]`.",
            ),
            CREATED,
            LAST_UPDATED,
            param(
                "password_attribute",
                ParamKind::Text,
                "The password attribute that `password_value` is checked against.",
            ),
            param(
                "password_value",
                ParamKind::Text,
                "A plain-text password to verify; one that does not match is answered with \
                 350.",
            ),
        ],
        permitted: READERS,
        user_token: true,
        effect: Effect::Read,
        ..OWNER_WRITES
    },
    EndpointSpec {
        endpoint: Endpoint::EntityFind,
        path: "/entity.find",
        summary: "Lists the records that a filter selects.",
        params: &[
            TYPE_NAME,
            FILTER,
            param(
                "attributes",
                ParamKind::JsonArray,
                "Dotted names; each record keeps only these. Absent, all.",
            ),
            param(
                "sort_on",
                ParamKind::JsonArray,
                "Attribute names in order of weight, `-name` for descending; compared as \
                 ASCII. `[]` is said to speed up unsorted queries.",
            ),
            param(
                "max_results",
                ParamKind::Integer,
                "How many records at most; the service's maximum is 10000.",
            )
            .default("100"),
            param(
                "first_result",
                ParamKind::Integer,
                "How many records to skip. Sources disagree whether counting starts at 0 or \
                 1; real use starts at 0.",
            )
            .default("0"),
            param(
                "show_total_count",
                ParamKind::Bool,
                "Whether the answer carries `total_count`. Slow on large types.",
            )
            .default("false"),
            TIMEOUT,
            APPLICATION_ID,
        ],
        permitted: READERS,
        effect: Effect::Read,
        ..OWNER_WRITES
    },
    EndpointSpec {
        endpoint: Endpoint::EntityCount,
        path: "/entity.count",
        summary: "Counts the records that a filter selects.",
        params: &[TYPE_NAME, FILTER, TIMEOUT],
        permitted: READERS,
        effect: Effect::Read,
        ..OWNER_WRITES
    },
    EndpointSpec {
        endpoint: Endpoint::EntityCreate,
        path: "/entity.create",
        summary: "Adds a record.",
        params: &[
            TYPE_NAME.when(Required::WithClient),
            param(
                "attributes",
                ParamKind::JsonObject,
                "The record. Attributes not mentioned become null, plurals empty.",
            )
            .required(),
            INCLUDE_RECORD,
        ],
        permitted: WRITERS,
        ..OWNER_WRITES
    },
    EndpointSpec {
        endpoint: Endpoint::EntityBulkCreate,
        path: "/entity.bulkCreate",
        summary: "Adds many records in one call.",
        params: &[
            TYPE_NAME,
            param(
                "all_attributes",
                ParamKind::JsonArray,
                "The records, each an object.",
            )
            .required(),
            param(
                "commit_each",
                ParamKind::Text,
                "`true`: each record alone; `false`: all or none; `smart`: all at once, one \
                 by one when that fails. Absent, each record alone. Not in the vendor's \
                 pages, but sent by its loader.",
            ),
            TIMEOUT,
        ],
        permitted: WRITERS,
        ..OWNER_WRITES
    },
    EndpointSpec {
        endpoint: Endpoint::EntityUpdate,
        path: "/entity.update",
        summary: "Changes the attributes that are given, and adds plural elements.",
        params: &[
            RECORD_TYPE,
            UUID,
            ID,
            KEY_ATTRIBUTE,
            KEY_VALUE,
            VALUE_PATH,
            param(
                "attributes",
                ParamKind::JsonOrText,
                "What to merge: an object, or with `attribute_name` the value for that part. \
                 `value` is a synonym; exactly one of them is given.",
            )
            .when(Required::Content),
            param(
                "value",
                ParamKind::JsonOrText,
                "Synonym of `attributes`. Beside an `attribute_name` that names a string, a \
                 bare word is taken as that string.",
            )
            .when(Required::Content),
            CREATED,
            LAST_UPDATED,
            INCLUDE_RECORD,
        ],
        permitted: WRITERS,
        user_token: true,
        ..OWNER_WRITES
    },
    EndpointSpec {
        endpoint: Endpoint::EntityReplace,
        path: "/entity.replace",
        summary: "Puts a new value in place of a record or of a part of it.",
        params: &[
            RECORD_TYPE,
            UUID,
            ID,
            KEY_ATTRIBUTE,
            KEY_VALUE,
            VALUE_PATH,
            param(
                "attributes",
                ParamKind::JsonOrText,
                "What to put there: an object, or with `attribute_name` the value for that \
                 part. What is not mentioned becomes null. `value` is a synonym; exactly one \
                 of them is given.",
            )
            .when(Required::Content),
            param(
                "value",
                ParamKind::JsonOrText,
                "Synonym of `attributes`. Beside an `attribute_name` that names a string, a \
                 bare word is taken as that string.",
            )
            .when(Required::Content),
            CREATED,
            LAST_UPDATED,
            INCLUDE_RECORD,
        ],
        permitted: WRITERS,
        user_token: true,
        effect: Effect::Destroy,
        ..OWNER_WRITES
    },
    EndpointSpec {
        endpoint: Endpoint::EntityDelete,
        path: "/entity.delete",
        summary: "Deletes a record, or one element of a plural.",
        params: &[
            RECORD_TYPE,
            UUID,
            ID,
            KEY_ATTRIBUTE,
            KEY_VALUE,
            param(
                "attribute_name",
                ParamKind::Text,
                "Path of a plural element, `/profiles#123`: only that element is deleted.",
            ),
            CREATED,
            LAST_UPDATED,
        ],
        permitted: WRITERS,
        user_token: true,
        effect: Effect::Destroy,
        ..OWNER_WRITES
    },
    EndpointSpec {
        endpoint: Endpoint::EntityDeleteAccess,
        path: "/entity.deleteAccess",
        summary: "Withdraws every grant and token of a record's user.",
        params: &[RECORD_TYPE, UUID, ID, KEY_ATTRIBUTE, KEY_VALUE],
        permitted: ISSUERS,
        effect: Effect::Destroy,
        ..OWNER_WRITES
    },
    EndpointSpec {
        endpoint: Endpoint::EntityPurge,
        path: "/entity.purge",
        summary: "Deletes every record of an entity type.",
        params: &[
            TYPE_NAME,
            param(
                "commit",
                ParamKind::Bool,
                "Must be `true`, or nothing is deleted.",
            )
            .default("false"),
        ],
        effect: Effect::Destroy,
        evidence: Evidence::Client,
        ..OWNER_WRITES
    },
    EndpointSpec {
        endpoint: Endpoint::EntityBulkDelete,
        path: "/entity.bulkDelete",
        summary: "Deletes the records that a filter selects.",
        params: &[
            TYPE_NAME,
            param(
                "filter",
                ParamKind::Text,
                "Which records: a condition as for `entity.find`. That it must be given is \
                 our choice, so that no slip deletes everything.",
            )
            .required(),
            param(
                "commit",
                ParamKind::Bool,
                "When present, records are deleted only if it is `true`; absent, they are \
                 deleted.",
            ),
        ],
        effect: Effect::Destroy,
        evidence: Evidence::Client,
        ..OWNER_WRITES
    },
    EndpointSpec {
        endpoint: Endpoint::EntityAdopt,
        path: "/entity.adopt",
        summary: "Attaches an orphaned plural element to a record.",
        params: &[
            TYPE_NAME,
            param(
                "id",
                ParamKind::Integer,
                "The id of the record that adopts.",
            )
            .required(),
            param(
                "attribute_name",
                ParamKind::Text,
                "Path of the plural that receives the element.",
            )
            .required(),
            param(
                "child_id",
                ParamKind::Integer,
                "The id of the orphaned element.",
            )
            .required(),
        ],
        permitted: WRITERS,
        ..OWNER_WRITES
    },
    EndpointSpec {
        endpoint: Endpoint::VersionsEntity,
        path: "/versions/entity",
        summary: "Shows a record as it was at an earlier time.",
        params: &[
            TYPE_NAME,
            param("id", ParamKind::Integer, "The id of the record.").required(),
            TIMESTAMP,
        ],
        permitted: READERS,
        effect: Effect::Read,
        evidence: Evidence::Client,
        ..OWNER_WRITES
    },
    EndpointSpec {
        endpoint: Endpoint::VersionsEntityType,
        path: "/versions/entityType",
        summary: "Shows an entity type's schema as it was at an earlier time.",
        params: &[TYPE_NAME, TIMESTAMP],
        permitted: EVERYBODY,
        any_client: true,
        effect: Effect::Read,
        evidence: Evidence::Client,
        ..OWNER_WRITES
    },
    EndpointSpec {
        endpoint: Endpoint::TypeView,
        path: "/entityType",
        summary: "Shows an entity type's schema.",
        params: &[
            TYPE_NAME,
            param(
                "remove_reserved",
                ParamKind::Bool,
                "Whether `id`, `uuid`, `created` and `lastUpdated` are left out. Not in the \
                 vendor's pages, but sent by its loader.",
            )
            .default("false"),
        ],
        permitted: EVERYBODY,
        any_client: true,
        effect: Effect::Read,
        ..OWNER_WRITES
    },
    EndpointSpec {
        endpoint: Endpoint::TypeList,
        path: "/entityType.list",
        summary: "Lists the names of the entity types.",
        params: &[],
        effect: Effect::Read,
        ..OWNER_WRITES
    },
    EndpointSpec {
        endpoint: Endpoint::TypeCreate,
        path: "/entityType.create",
        summary: "Adds an entity type.",
        params: &[
            TYPE_NAME,
            param(
                "attr_defs",
                ParamKind::JsonArray,
                "The attribute definitions; the reserved attributes are added by the service.",
            )
            .required(),
        ],
        ..OWNER_WRITES
    },
    EndpointSpec {
        endpoint: Endpoint::TypeDelete,
        path: "/entityType.delete",
        summary: "Deletes an entity type with all its records.",
        params: &[
            TYPE_NAME,
            param(
                "commit",
                ParamKind::Bool,
                "Must be `true`, or nothing is deleted. Rules are not deleted with the type \
                 and must be removed first.",
            )
            .default("false"),
        ],
        effect: Effect::Destroy,
        evidence: Evidence::Client,
        ..OWNER_WRITES
    },
    EndpointSpec {
        endpoint: Endpoint::TypeAddAttribute,
        path: "/entityType.addAttribute",
        summary: "Adds an attribute to a schema and, as null, to every record.",
        params: &[
            TYPE_NAME,
            param(
                "attr_def",
                ParamKind::JsonObject,
                "The attribute definition; an object or plural nests `attr_defs`.",
            )
            .required(),
        ],
        ..OWNER_WRITES
    },
    EndpointSpec {
        endpoint: Endpoint::TypeRemoveAttribute,
        path: "/entityType.removeAttribute",
        summary: "Removes an attribute from a schema, with its data in every record.",
        params: &[TYPE_NAME, SCHEMA_PATH],
        effect: Effect::Destroy,
        ..OWNER_WRITES
    },
    EndpointSpec {
        endpoint: Endpoint::TypeSetAttributeConstraints,
        path: "/entityType.setAttributeConstraints",
        summary: "Replaces the constraints of an attribute.",
        params: &[
            TYPE_NAME,
            SCHEMA_PATH,
            param(
                "constraints",
                ParamKind::JsonArray,
                "All constraints the attribute is to have; `[]` removes them.",
            )
            .required(),
        ],
        ..OWNER_WRITES
    },
    EndpointSpec {
        endpoint: Endpoint::TypeSetAttributeDescription,
        path: "/entityType.setAttributeDescription",
        summary: "Replaces the description of an attribute.",
        params: &[
            TYPE_NAME,
            SCHEMA_PATH,
            param(
                "description",
                ParamKind::JsonOrText,
                "The text as a JSON string, quotes included: \"The given name\". Bare text is \
                 accepted too (our choice).",
            )
            .required(),
        ],
        evidence: Evidence::Recorded,
        ..OWNER_WRITES
    },
    EndpointSpec {
        endpoint: Endpoint::TypeRules,
        path: "/entityType.rules",
        summary: "Lists the validation rules of an entity type.",
        params: &[TYPE_NAME],
        effect: Effect::Read,
        ..OWNER_WRITES
    },
    EndpointSpec {
        endpoint: Endpoint::TypeAddRule,
        path: "/entityType.addRule",
        summary: "Adds a validation rule.",
        params: &[
            TYPE_NAME,
            param(
                "attributes",
                ParamKind::JsonArray,
                "The attributes it holds for, `givenName` or `/givenName`.",
            )
            .required(),
            param("description", ParamKind::Text, "What the rule is for."),
            param(
                "definition",
                ParamKind::Json,
                "The rule: a name as a JSON string when it takes no argument, else an object: \
                 {\"max-length\":25}.",
            )
            .required(),
        ],
        ..OWNER_WRITES
    },
    EndpointSpec {
        endpoint: Endpoint::TypeRemoveRule,
        path: "/entityType.removeRule",
        summary: "Removes a validation rule.",
        params: &[
            param(
                "type_name",
                ParamKind::Text,
                "The entity type's name. Clients exist that leave it out: the uuid is enough.",
            ),
            RULE_UUID,
        ],
        ..OWNER_WRITES
    },
    EndpointSpec {
        endpoint: Endpoint::TypeProperties,
        path: "/entityType.properties",
        summary: "Lists rules and uniqueness over several attributes.",
        params: &[TYPE_NAME],
        effect: Effect::Read,
        evidence: Evidence::Client,
        ..OWNER_WRITES
    },
    EndpointSpec {
        endpoint: Endpoint::TypeAddProperty,
        path: "/entityType.addProperty",
        summary: "Adds a rule, or uniqueness over several attributes.",
        params: &[
            TYPE_NAME,
            param(
                "property",
                ParamKind::JsonObject,
                "{\"type\":\"rule\",\"attributes\":…,\"definition\":…,\"description\":…} or \
                 {\"type\":\"unique\",\"attributes\":…}.",
            )
            .required(),
        ],
        evidence: Evidence::Recorded,
        ..OWNER_WRITES
    },
    EndpointSpec {
        endpoint: Endpoint::TypeRemoveProperty,
        path: "/entityType.removeProperty",
        summary: "Removes a rule or a uniqueness over several attributes.",
        params: &[TYPE_NAME, RULE_UUID],
        evidence: Evidence::Recorded,
        ..OWNER_WRITES
    },
    EndpointSpec {
        endpoint: Endpoint::TypeSetAccessSchema,
        path: "/entityType.setAccessSchema",
        summary: "Sets which attributes a client may read or write.",
        params: &[
            TYPE_NAME,
            ACCESS_CLIENT,
            ACCESS_TYPE,
            param(
                "attributes",
                ParamKind::JsonArray,
                "All attributes the client may use: `[\"aboutMe\",\"primaryAddress.city\"]`. \
                 What is not listed is hidden; `[]` hides everything. The reserved attributes \
                 are added by the service and must not be listed.",
            )
            .required(),
        ],
        ..OWNER_WRITES
    },
    EndpointSpec {
        endpoint: Endpoint::TypeGetAccessSchema,
        path: "/entityType.getAccessSchema",
        summary: "Shows the schema as a client may read or write it.",
        params: &[TYPE_NAME, ACCESS_CLIENT, ACCESS_TYPE],
        permitted: EVERYBODY,
        any_client: true,
        effect: Effect::Read,
        ..OWNER_WRITES
    },
    EndpointSpec {
        endpoint: Endpoint::TypeDeleteAccessSchema,
        path: "/entityType.deleteAccessSchema",
        summary: "Lets a client read or write every attribute again.",
        params: &[TYPE_NAME, ACCESS_CLIENT, ACCESS_TYPE],
        effect: Effect::Destroy,
        ..OWNER_WRITES
    },
    EndpointSpec {
        endpoint: Endpoint::TypeSetPasswordSettings,
        path: "/entityType.setPasswordSettings",
        summary: "Sets how many old passwords are remembered.",
        params: &[
            TYPE_NAME,
            param(
                "settings",
                ParamKind::JsonObject,
                "{\"historySize\":7}; from 0 to 10, 0 or null for none.",
            )
            .required(),
            APPLICATION_ID,
        ],
        ..OWNER_WRITES
    },
    EndpointSpec {
        endpoint: Endpoint::ClientsList,
        path: "/clients/list",
        summary: "Lists the API clients with their secrets and features.",
        params: &[param(
            "has_features",
            ParamKind::JsonArray,
            "Only clients that have any of these features.",
        )],
        effect: Effect::Read,
        ..OWNER_WRITES
    },
    EndpointSpec {
        endpoint: Endpoint::ClientsAdd,
        path: "/clients/add",
        summary: "Adds an API client.",
        params: &[
            param("description", ParamKind::Text, "What the client is for.").required(),
            param(
                "features",
                ParamKind::JsonArray,
                "The features it is to have. Absent, none.",
            )
            .default("[]"),
        ],
        ..OWNER_WRITES
    },
    EndpointSpec {
        endpoint: Endpoint::ClientsDelete,
        path: "/clients/delete",
        summary: "Deletes an API client.",
        params: &[param(
            "client_id_for_deletion",
            ParamKind::Text,
            "The client to delete.",
        )
        .required()],
        effect: Effect::Destroy,
        ..OWNER_WRITES
    },
    EndpointSpec {
        endpoint: Endpoint::ClientsResetSecret,
        path: "/clients/reset_secret",
        summary: "Gives an API client a new secret.",
        params: &[
            FOR_CLIENT,
            param(
                "hours_to_live",
                ParamKind::Integer,
                "For how many hours the old secret stays valid, 0 to 168.",
            )
            .default("0"),
        ],
        effect: Effect::Destroy,
        ..OWNER_WRITES
    },
    EndpointSpec {
        endpoint: Endpoint::ClientsSetDescription,
        path: "/clients/set_description",
        summary: "Replaces the description of an API client.",
        params: &[
            FOR_CLIENT,
            param("description", ParamKind::Text, "What the client is for.").required(),
        ],
        ..OWNER_WRITES
    },
    EndpointSpec {
        endpoint: Endpoint::ClientsSetFeatures,
        path: "/clients/set_features",
        summary: "Replaces the features of an API client.",
        params: &[
            FOR_CLIENT,
            param(
                "features",
                ParamKind::JsonArray,
                "All features it is to have. A client cannot take `owner` from itself.",
            )
            .required(),
        ],
        ..OWNER_WRITES
    },
    EndpointSpec {
        endpoint: Endpoint::ClientsSetWhitelist,
        path: "/clients/set_whitelist",
        summary: "Replaces the IP allow list of an API client.",
        params: &[
            FOR_CLIENT,
            param(
                "whitelist",
                ParamKind::JsonArray,
                "Blocks in CIDR notation: `[\"192.0.2.0/24\"]`.",
            )
            .required(),
        ],
        ..OWNER_WRITES
    },
    EndpointSpec {
        endpoint: Endpoint::ClientsClearWhitelist,
        path: "/clients/clear_whitelist",
        summary: "Lets an API client call from any address.",
        params: &[FOR_CLIENT],
        ..OWNER_WRITES
    },
    EndpointSpec {
        endpoint: Endpoint::SettingsGet,
        path: "/settings/get",
        summary: "Shows a setting of a client, or its default.",
        params: &[FOR_CLIENT, KEY],
        effect: Effect::Read,
        permitted: EVERYBODY,
        ..OWNER_WRITES
    },
    EndpointSpec {
        endpoint: Endpoint::SettingsGetMulti,
        path: "/settings/get_multi",
        summary: "Shows several settings of a client, or their defaults.",
        params: &[
            FOR_CLIENT,
            param("keys", ParamKind::JsonArray, "The settings' names.").required(),
        ],
        effect: Effect::Read,
        permitted: EVERYBODY,
        ..OWNER_WRITES
    },
    EndpointSpec {
        endpoint: Endpoint::SettingsGetDefault,
        path: "/settings/get_default",
        summary: "Shows the default of a setting.",
        params: &[KEY],
        effect: Effect::Read,
        permitted: EVERYBODY,
        ..OWNER_WRITES
    },
    EndpointSpec {
        endpoint: Endpoint::SettingsGetAll,
        path: "/settings/get_all",
        summary: "Shows the settings of every client and all defaults.",
        params: &[param(
            "for_client_id",
            ParamKind::Text,
            "Only this client's settings beside the defaults (our choice). Absent, every \
             client's.",
        )],
        effect: Effect::Read,
        ..OWNER_WRITES
    },
    EndpointSpec {
        endpoint: Endpoint::SettingsItems,
        path: "/settings/items",
        summary: "Shows the settings that hold for a client: its own, and defaults.",
        params: &[FOR_CLIENT],
        effect: Effect::Read,
        permitted: EVERYBODY,
        ..OWNER_WRITES
    },
    EndpointSpec {
        endpoint: Endpoint::SettingsKeys,
        path: "/settings/keys",
        summary: "Lists the names of the settings that hold for a client.",
        params: &[FOR_CLIENT],
        effect: Effect::Read,
        permitted: EVERYBODY,
        ..OWNER_WRITES
    },
    EndpointSpec {
        endpoint: Endpoint::SettingsSet,
        path: "/settings/set",
        summary: "Stores a setting of a client.",
        params: &[FOR_CLIENT, KEY, SETTING_VALUE],
        permitted: EVERYBODY,
        ..OWNER_WRITES
    },
    EndpointSpec {
        endpoint: Endpoint::SettingsSetMulti,
        path: "/settings/set_multi",
        summary: "Stores several settings of a client.",
        params: &[FOR_CLIENT, ITEMS],
        permitted: EVERYBODY,
        ..OWNER_WRITES
    },
    EndpointSpec {
        endpoint: Endpoint::SettingsSetDefault,
        path: "/settings/set_default",
        summary: "Stores the default of a setting.",
        params: &[KEY, SETTING_VALUE],
        ..OWNER_WRITES
    },
    EndpointSpec {
        endpoint: Endpoint::SettingsSetDefaultMulti,
        path: "/settings/set_default_multi",
        summary: "Stores the defaults of several settings.",
        params: &[ITEMS],
        ..OWNER_WRITES
    },
    EndpointSpec {
        endpoint: Endpoint::SettingsDelete,
        path: "/settings/delete",
        summary: "Deletes a setting of a client.",
        params: &[FOR_CLIENT, KEY],
        effect: Effect::Destroy,
        permitted: EVERYBODY,
        ..OWNER_WRITES
    },
    EndpointSpec {
        endpoint: Endpoint::SettingsDeleteDefault,
        path: "/settings/delete_default",
        summary: "Deletes the default of a setting.",
        params: &[KEY],
        effect: Effect::Destroy,
        ..OWNER_WRITES
    },
    EndpointSpec {
        endpoint: Endpoint::AccessToken,
        path: "/access/getAccessToken",
        summary: "Issues an access token, good for an hour, to a record's user.",
        params: &[TYPE_NAME, UUID, ID, KEY_ATTRIBUTE, KEY_VALUE, ISSUE_FOR],
        permitted: ISSUERS,
        ..OWNER_WRITES
    },
    EndpointSpec {
        endpoint: Endpoint::AccessAuthorizationCode,
        path: "/access/getAuthorizationCode",
        summary: "Issues a code that is exchanged for an access token and a refresh token.",
        params: &[
            TYPE_NAME,
            UUID,
            ID,
            KEY_ATTRIBUTE,
            KEY_VALUE,
            ISSUE_FOR,
            param(
                "redirect_uri",
                ParamKind::Text,
                "An address that the exchange must repeat.",
            )
            .required(),
            param(
                "lifetime",
                ParamKind::Integer,
                "For how many seconds the code is good.",
            )
            .default("30"),
            param(
                "transaction_state",
                ParamKind::Json,
                "Anything; handed back when the code is exchanged.",
            ),
        ],
        permitted: ISSUERS,
        ..OWNER_WRITES
    },
    EndpointSpec {
        endpoint: Endpoint::OauthToken,
        path: "/oauth/token",
        summary: "Exchanges a code or a refresh token for an access token and the next refresh token.",
        params: &[
            param(
                "grant_type",
                ParamKind::Text,
                "`authorization_code` or `refresh_token`.",
            )
            .required(),
            param(
                "code",
                ParamKind::Text,
                "The authorization code; with the grant type of that name.",
            ),
            param(
                "redirect_uri",
                ParamKind::Text,
                "The address that the code was issued with; goes with `code`.",
            ),
            param(
                "refresh_token",
                ParamKind::Text,
                "The refresh token, good for one exchange; with the grant type of that name.",
            ),
        ],
        permitted: EXCHANGERS,
        ..OWNER_WRITES
    },
];
