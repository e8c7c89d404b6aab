//! Entity types as strange as they may be: every type, constraint and feature, four levels deep.

use captui::capture::attr_type::AttrType;
use captui::capture::attr_type::PASSWORD_TYPES;
use captui::capture::constraint::Constraint;
use captui::capture::constraint::Feature;
use captui::capture::schema;
use captui::capture::schema::AttrDef;
use proptest::collection;
use proptest::option;
use proptest::prelude::BoxedStrategy;
use proptest::prelude::Just;
use proptest::prelude::Strategy;
use proptest::prelude::any;
use proptest::prop_oneof;
use proptest::sample;

/// How deep objects and plurals stand in one another.
const DEPTH: u32 = 4;

/// Names that mean something to a person, to SQL or to JSON; numbered where two would be the same.
const NAMES: &[&str] = &[
    "givenName",
    "email",
    "birthday",
    "value",
    "type",
    "order",
    "select",
    "body",
    "Id",
    "ID",
    "uuid2",
    "created_",
    "a",
    "A",
    "z9_",
    "null",
    "true",
    "json",
    "password",
    "aName_thatIs63CharactersLong_whichIsTheMostThatTheSandboxTak_",
];

/// Definitions that `entityType.create` takes.
pub(super) fn attr_defs() -> impl Strategy<Value = Vec<AttrDef>> {
    list(DEPTH, Around::Record).prop_map(|attr_defs| {
        assert_eq!(schema::check(&attr_defs), []);
        attr_defs
    })
}

/// What a list of definitions stands in.
#[derive(Clone, Copy, PartialEq)]
enum Around {
    Record,
    Object,
    Element,
    ObjectInElement,
}

impl Around {
    fn object(self) -> Self {
        match self {
            Self::Record | Self::Object => Self::Object,
            Self::Element | Self::ObjectInElement => Self::ObjectInElement,
        }
    }
}

fn list(depth: u32, around: Around) -> BoxedStrategy<Vec<AttrDef>> {
    let def = (
        sample::select(NAMES),
        attr_type(depth, around),
        constraints(),
        collection::vec(
            sample::select(vec![Feature::Query, Feature::PrimaryKey]),
            0..2,
        ),
        any::<bool>(),
    );
    collection::vec(def, 1..6)
        .prop_map(move |defs| {
            let mut taken = Vec::new();
            let defs = defs.into_iter().enumerate();
            defs.map(|(place, (name, attr_type, constraints, features, plain))| {
                let name = if taken.contains(&name) {
                    format!("n{place}")
                } else {
                    name.to_owned()
                };
                taken.push(
                    NAMES
                        .iter()
                        .find(|known| **known == name)
                        .copied()
                        .unwrap_or_default(),
                );
                let mut def = AttrDef::new(name, attr_type);
                if !plain {
                    let fits = |constraint: &Constraint| stands(constraint, &def.attr_type, around);
                    def.constraints = Some(constraints.into_iter().filter(fits).collect());
                    let mut features = features;
                    features
                        .retain(|feature| *feature == Feature::Query || around == Around::Element);
                    def.features = Some(features);
                }
                def
            })
            .collect()
        })
        .boxed()
}

fn attr_type(depth: u32, around: Around) -> BoxedStrategy<AttrType> {
    let string = (
        option::of(prop_oneof![1_u32..12, Just(1_000)]),
        any::<bool>(),
    )
        .prop_map(|(length, case_sensitive)| AttrType::String {
            length,
            case_sensitive,
        });
    let plain = sample::select(vec![
        "boolean",
        "integer",
        "decimal",
        "date",
        "dateTime",
        "ipAddress",
        "json",
    ]);
    let leaf = prop_oneof![
        5 => string,
        6 => plain.prop_map(AttrType::from_name),
        1 => sample::select(PASSWORD_TYPES.as_slice()).prop_map(AttrType::from_name),
    ];
    if depth == 0 {
        return leaf.boxed();
    }
    prop_oneof![
        4 => leaf,
        1 => list(depth - 1, around.object()).prop_map(AttrType::Object),
        2 => list(depth - 1, Around::Element).prop_map(AttrType::Plural),
        // One text: elements may be plain strings.
        1 => option::of(2_u32..9).prop_map(|length| {
            let text = AttrType::String { length, case_sensitive: length.is_none() };
            AttrType::Plural(vec![AttrDef::new("word", text)])
        }),
    ]
    .boxed()
}

fn constraints() -> impl Strategy<Value = Vec<Constraint>> {
    sample::subsequence(Constraint::ALL.to_vec(), 0..=2).prop_shuffle()
}

/// Whether a constraint may stand on an attribute of this type there (our choice, `schema::check`).
fn stands(constraint: &Constraint, attr_type: &AttrType, around: Around) -> bool {
    let nests = matches!(attr_type, AttrType::Object(_) | AttrType::Plural(_));
    let has_key = !nests && !matches!(attr_type, AttrType::Json | AttrType::Password(_));
    match constraint {
        Constraint::Required => !nests,
        Constraint::Unique => has_key,
        Constraint::LocallyUnique => {
            has_key && matches!(around, Around::Element | Around::ObjectInElement)
        }
        _ => matches!(attr_type, AttrType::String { .. }),
    }
}
