"""The partial types of this folder's examples, beside schema.prisma."""

from schema_client.models import Post, User

# What a public page shows of its author.
User.create_partial("Author", include={"id", "name"})
User.create_partial("UserInLogin", include={"email", "name"})
User.create_partial("UserWithoutRelations", exclude_relational_fields=True)

HIDDEN = {"views", "price", "authorId"}
Post.create_partial("PostOnPage", exclude=HIDDEN | {"tags"}, relations={"author": "Author"})
Post.create_partial(
    "PostWithAuthor", include={"title", "author"}, required={"author"}, relations={"author": "Author"}
)
