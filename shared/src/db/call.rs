//! One statement with its parameters, as data: so that several leave together and can be sent again.

use jiff::Timestamp;
use tokio_postgres::types::{ToSql, Type};
use uuid::Uuid;

/// A statement to run, with its parameters.
pub struct Call {
    sql: &'static str,
    params: Vec<(Box<dyn ToSql + Send + Sync>, Type)>,
}

/// A value that can be a parameter. Its PostgreSQL type is fixed here, so that the server need not be asked. Enums go as
/// text: the statement casts them.
pub trait Param: ToSql + Send + Sync + 'static {
    /// The type the value is sent as.
    const TYPE: Type;
}

macro_rules! params {
    ($($rust:ty => $sql:ident),* $(,)?) => {
        $(impl Param for $rust { const TYPE: Type = Type::$sql; })*
    };
}

params! {
    bool => BOOL,
    i32 => INT4,
    i64 => INT8,
    &'static str => TEXT,
    String => TEXT,
    Vec<String> => TEXT_ARRAY,
    Uuid => UUID,
    Vec<Uuid> => UUID_ARRAY,
    Timestamp => TIMESTAMPTZ,
}

impl<T: Param> Param for Option<T> {
    const TYPE: Type = T::TYPE;
}

impl Call {
    /// A statement; `sql` also is its key among the prepared ones.
    pub fn new(sql: &'static str) -> Self {
        Self {
            sql,
            params: Vec::new(),
        }
    }

    /// Adds the value of the next parameter: the first call is `$1`.
    #[must_use]
    pub fn bind<T: Param>(mut self, value: T) -> Self {
        self.params.push((Box::new(value), T::TYPE));
        self
    }

    pub(super) fn sql(&self) -> &'static str {
        self.sql
    }

    pub(super) fn types(&self) -> Vec<Type> {
        self.params
            .iter()
            .map(|(_, sql_type)| sql_type.clone())
            .collect()
    }

    pub(super) fn params(&self) -> impl ExactSizeIterator<Item = &(dyn ToSql + Sync)> {
        self.params
            .iter()
            .map(|(value, _)| &**value as &(dyn ToSql + Sync))
    }

    pub(super) fn typed_params(&self) -> impl Iterator<Item = (&(dyn ToSql + Sync), Type)> {
        self.params().zip(self.types())
    }
}
