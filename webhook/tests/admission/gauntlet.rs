//! What went wrong in other admission webhooks. Each lie has an honest twin that is admitted, and each is
//! asked about by a webhook that knows nothing, by one that knows, and by one that was restarted
//! (row 145): the answer must be the same.

mod addresses;
mod content;
mod every_field;
mod limits;
mod objects;
mod policies;
mod tenants;
