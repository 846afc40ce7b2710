"""Classes that SQLAlchemy maps to tables, defined in the notebook: mapped anew in the node."""

from .case import Case

NEEDS = ("sqlalchemy",)

CASES = {
    "one class of the declarative base": Case(
        """
        from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
        class Base(DeclarativeBase): pass
        class Sale(Base):
            __tablename__ = 'sales'
            id: Mapped[int] = mapped_column(primary_key=True)
        ---
        made = [*Base.metadata.tables]
        result = [Sale.__tablename__, str(Sale.id == n), Sale(id=n).id, made]
        """,
        [({"n": 2}, ["sales", "sales.id = :id_1", 2, ["sales"]])],
        needs=NEEDS,
    ),
    "what a mapped class is made with elsewhere": Case(
        """
        from sqlalchemy import Column, ForeignKey, Integer, String, Table, select
        from sqlalchemy.orm import declarative_base, registry, relationship
        Old = declarative_base()
        tags = Table("tags", Old.metadata, Column("a", ForeignKey("pages.id")),
                     Column("b", ForeignKey("words.id")))
        class Page(Old):
            __tablename__ = "pages"
            id = Column(Integer, primary_key=True)
            title = Column(String(20), nullable=False, default="new")
            words = relationship("Word", secondary=tags, backref="pages")
            parent_id = Column(ForeignKey("pages.id"))
            parent = relationship("Page", remote_side=[id], foreign_keys=[parent_id])
            def __init__(self, title="made"):
                self.title = title.upper()
        class Word(Old):
            __tablename__ = "words"
            id = Column(Integer, primary_key=True)
        mappers = registry()
        @mappers.mapped
        class Plain:
            __tablename__ = "plain"
            id = Column(Integer, primary_key=True)
        class Bare:
            pass
        bare = Table("bare", mappers.metadata, Column("id", Integer, primary_key=True))
        mappers.map_imperatively(Bare, bare)
        page = Page("x")
        page.words.append(Word(id=7))
        ---
        joined = str(select(Page.id).join(Page.words).where(Word.id == n))
        result = [
            page.title, page.words[0].id, page.words[0].pages[0] is page, Page().title,
            Plain(id=n).id, Bare(id=n).id, [*mappers.metadata.tables], "JOIN tags" in joined,
            [*Page.__mapper__.attrs.keys()], [*Word.__mapper__.attrs.keys()],
            Page(title="k").parent is None,
        ]
        del joined
        """,
        [({"n": 3}, "as live")],
        needs=NEEDS,
    ),
    "a function that listens to a mapped class": Case(
        """
        from sqlalchemy import event
        from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
        class Base(DeclarativeBase): pass
        class Sale(Base):
            __tablename__ = 'sales'
            id: Mapped[int] = mapped_column(primary_key=True)
        @event.listens_for(Sale, "init")
        def started(sale, args, kwargs):
            kwargs["id"] = 41
        ---
        result = Sale().id
        """,
        [({}, 41)],
        reported={"Base": "called at 'init'", "Sale": "called at 'init'"},
        refused="inside the service cell, or in a local module",
        needs=NEEDS,
    ),
    "engines and sessions stay where they are": Case(
        """
        from sqlalchemy import create_engine, select
        from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
        class Base(DeclarativeBase): pass
        class Sale(Base):
            __tablename__ = 'sales'
            id: Mapped[int] = mapped_column(primary_key=True)
        engine = create_engine("sqlite://")
        session = Session(engine)
        ---
        result = len(session.scalars(select(Sale)).all())
        """,
        [({}, 0)],
        reported={"engine": "create it inside the service cell", "session": "open it inside"},
        refused="inside the service cell",
        live=False,
        needs=NEEDS,
    ),
    "relationships, inheritance, mixins, expressions": Case(
        """
        from typing import List, Optional
        from sqlalchemy import ForeignKey, String, create_engine, func, select
        from sqlalchemy.ext.hybrid import hybrid_property
        from sqlalchemy.orm import (
            DeclarativeBase, Mapped, Session, column_property, declared_attr, mapped_column,
            relationship, validates,
        )
        class Base(DeclarativeBase):
            pass
        class Noted:
            note: Mapped[str] = mapped_column(default="none")
            @declared_attr.directive
            def __tablename__(cls):
                return cls.__name__.lower() + "s"
            def tag(self):
                return f"{type(self).__name__}:{self.note}"
        class Owner(Noted, Base):
            id: Mapped[int] = mapped_column(primary_key=True)
            first: Mapped[str] = mapped_column(String(30), index=True)
            last: Mapped[Optional[str]] = mapped_column()
            full = column_property(first + " " + last)
            items: Mapped[List["Item"]] = relationship(
                back_populates="owner", cascade="all, delete-orphan", lazy="selectin",
                order_by="Item.price.desc()",
            )
            @validates("first")
            def check(self, key, value):
                return value.strip()
            @hybrid_property
            def initial(self):
                return self.first[0]
            @initial.inplace.expression
            @classmethod
            def _initial(cls):
                return func.substr(cls.first, 1, 1)
        class Item(Base):
            __tablename__ = "items"
            id: Mapped[int] = mapped_column(primary_key=True)
            owner_id: Mapped[int] = mapped_column(ForeignKey("owners.id"))
            kind: Mapped[str]
            price: Mapped[float] = mapped_column("cost", default=lambda: 1.5)
            owner: Mapped[Owner] = relationship(back_populates="items")
            __mapper_args__ = {"polymorphic_on": "kind", "polymorphic_identity": "item"}
        class Toy(Item):
            __mapper_args__ = {"polymorphic_identity": "toy"}
            age: Mapped[Optional[int]]
        class Book(Item):
            __tablename__ = "books"
            __mapper_args__ = {"polymorphic_identity": "book"}
            id: Mapped[int] = mapped_column(ForeignKey("items.id"), primary_key=True)
            pages: Mapped[int]
        Owner.count = column_property(
            select(func.count(Item.id)).where(Item.owner_id == Owner.id)
            .correlate_except(Item).scalar_subquery()
        )
        dear = select(Item.kind, Item.price).where(Item.price > 2).order_by(Item.id)
        sample = Toy(kind="toy", price=3.0, age=4)
        ---
        engine = create_engine("sqlite://")
        Base.metadata.create_all(engine)
        with Session(engine) as session:
            owner = Owner(first=first, last="L")
            owner.items = [Item(), Toy(price=9.0, age=3), Book(price=4.0, pages=7)]
            session.add(owner)
            session.commit()
            found = session.scalars(select(Owner).where(Owner.initial == "A")).all()
            result = [
                [
                    one.full, one.tag(), one.count, len(one.items),
                    [[type(item).__name__, item.price] for item in one.items],
                ]
                for one in found
            ]
            result += [list(row) for row in session.execute(dear)]
            result.append([sample.price, sample.age, type(sample) is Toy])
        del engine, session, owner, found
        """,
        [
            ({"first": " Bea "}, [["toy", 9.0], ["book", 4.0], [3.0, 4, True]]),
            (
                {"first": " Abe "},
                [
                    ["Abe L", "Owner:none", 3, 3, [["Toy", 9.0], ["Book", 4.0], ["Item", 1.5]]],
                    ["toy", 9.0],
                    ["book", 4.0],
                    [3.0, 4, True],
                ],
            ),
        ],
        needs=NEEDS,
    ),
    "a statement that a table runs when it is created": Case(
        """
        import sqlalchemy as sa
        sales = sa.Table("sales", sa.MetaData(), sa.Column("id", sa.Integer))
        sa.event.listen(sales, "after_create", sa.DDL("insert into sales values (41)"))
        ---
        engine = sa.create_engine("sqlite://")
        with engine.begin() as link:
            sales.create(link)
            result = link.execute(sa.select(sales.c.id)).scalar()
        del engine, link
        """,
        [({}, 41)],
        reported={"sales": "a function that SQLAlchemy calls at 'after_create'"},
        refused="inside the service cell, or in a local module",
        needs=NEEDS,
    ),
    "a class that is derived in the cell": Case(
        """
        from sqlalchemy import String
        from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
        from sqlalchemy.types import TypeDecorator
        class Upper(TypeDecorator):
            impl = String
            cache_ok = True
            def process_bind_param(self, value, dialect):
                return value.upper()
        class Base(DeclarativeBase):
            type_annotation_map = {str: Upper}
            def words(self):
                return f"<{type(self).__name__}>"
        class Keyed:
            __abstract__ = True
            id: Mapped[int] = mapped_column(primary_key=True)
        class Named(Keyed, Base):
            __abstract__ = True
            name: Mapped[str] = mapped_column(sort_order=-1)
        class City(Named):
            __tablename__ = "cities"
        ---
        from sqlalchemy import create_engine, select
        class Town(Named):
            __tablename__ = "towns"
            size: Mapped[int]
        engine = create_engine("sqlite://")
        Base.metadata.create_all(engine)
        with Session(engine) as session:
            session.add_all([Town(name=name, size=2), City(name=name)])
            session.commit()
            result = [session.scalars(select(Town.name)).one(), City().words(), Town().words()]
            result.append(session.scalars(select(City.name)).one())
            result.append([one.name for one in Town.__table__.columns])
        del engine, session
        del Town
        """,
        [({"name": "x"}, ["X", "<City>", "<Town>", "X", ["name", "size", "id"]])],
        live=False,
        needs=NEEDS,
    ),
    "mapped dataclasses": Case(
        """
        from sqlalchemy import ForeignKey, create_engine, select
        from sqlalchemy.orm import (
            DeclarativeBase, Mapped, MappedAsDataclass, Session, mapped_column, relationship,
        )
        class Base(MappedAsDataclass, DeclarativeBase):
            pass
        class Team(Base):
            __tablename__ = "teams"
            id: Mapped[int] = mapped_column(init=False, primary_key=True)
            name: Mapped[str]
            size: Mapped[int] = mapped_column(default=3)
            people: Mapped[list["Person"]] = relationship(default_factory=list, repr=False)
        class Person(Base):
            __tablename__ = "people"
            id: Mapped[int] = mapped_column(init=False, primary_key=True)
            name: Mapped[str]
            team_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id"), default=None)
        team = Team("old", people=[Person("p")])
        ---
        engine = create_engine("sqlite://")
        Base.metadata.create_all(engine)
        with Session(engine) as session:
            session.add(Team(name, people=[Person("a")]))
            session.commit()
            found = session.scalars(select(Team)).one()
            result = [repr(found), repr(team), found == team, len(found.people)]
        del engine, session, found
        """,
        [({"name": "x"}, "as live")],
        needs=NEEDS,
    ),
    "proxies, deferred columns, backrefs": Case(
        """
        from sqlalchemy import ForeignKey, create_engine, select
        from sqlalchemy.ext.associationproxy import association_proxy
        from sqlalchemy.orm import (
            DeclarativeBase, Mapped, Session, mapped_column, relationship, backref,
        )
        class Base(DeclarativeBase):
            pass
        class Post(Base):
            __tablename__ = "posts"
            id: Mapped[int] = mapped_column(primary_key=True)
            text: Mapped[str] = mapped_column(deferred=True, server_default="t")
            marks = association_proxy("links", "mark")
        class Link(Base):
            __tablename__ = "links"
            id: Mapped[int] = mapped_column(primary_key=True)
            post_id: Mapped[int] = mapped_column(ForeignKey("posts.id"))
            mark: Mapped[str]
            post = relationship(Post, backref=backref("links", order_by="Link.mark"))
            def __init__(self, mark):
                self.mark = mark
        Post().marks
        ---
        engine = create_engine("sqlite://")
        Base.metadata.create_all(engine)
        with Session(engine) as session:
            post = Post()
            post.marks.append(mark)
            post.marks.append("a")
            session.add(post)
            session.commit()
            session.expire_all()
            result = [list(post.marks), post.text, session.scalars(select(Link.mark)).all()]
            statement = str(select(Post).where(Post.marks == "a"))
        result.append(statement)
        del engine, session, post, statement
        """,
        [({"mark": "x"}, "as live")],
        needs=NEEDS,
    ),
    "a synonym": Case(
        """
        from sqlalchemy import select
        from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, synonym
        class Base(DeclarativeBase):
            pass
        class Post(Base):
            __tablename__ = "posts"
            id: Mapped[int] = mapped_column(primary_key=True)
            number = synonym("id")
        ---
        result = [Post(number=n).id, str(select(Post.number).where(Post.number > n))]
        """,
        [({"n": 2}, "as live")],
        needs=NEEDS,
    ),
    "a composite, which no mapping made anew has": Case(
        """
        import dataclasses
        from sqlalchemy.orm import DeclarativeBase, Mapped, composite, mapped_column
        class Base(DeclarativeBase):
            pass
        @dataclasses.dataclass
        class Point:
            x: int
            y: int
        class Place(Base):
            __tablename__ = "places"
            id: Mapped[int] = mapped_column(primary_key=True)
            at: Mapped[Point] = composite(mapped_column("x"), mapped_column("y"))
        ---
        result = Place(at=Point(n, 2)).at.x
        """,
        [({"n": 2}, 2)],
        reported={"Base": "with 'at', a Composite", "Place": "with 'at', a Composite"},
        refused="define the mapped classes inside the service cell, or in a local module",
        needs=NEEDS,
    ),
    "a class statement that failed": Case(
        """
        from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship
        class Base(DeclarativeBase):
            pass
        class Post(Base):
            __tablename__ = "posts"
            id: Mapped[int] = mapped_column(primary_key=True)
        try:
            class Post(Base):
                __tablename__ = "posts"
                id: Mapped[int] = mapped_column(primary_key=True)
        except Exception as error:
            failed = type(error).__name__
        try:
            class Keyless(Base):
                __tablename__ = "keyless"
                id: Mapped[int]
        except Exception:
            pass
        ---
        result = [Post(id=n).id, failed, *Base.metadata.tables]
        """,
        [({"n": 2}, [2, "InvalidRequestError", "posts", "keyless"])],
        needs=NEEDS,
    ),
    "a class that comes later, and one that changes": Case(
        """
        from sqlalchemy import create_engine, inspect
        from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
        class Base(DeclarativeBase):
            pass
        class Post(Base):
            __tablename__ = "posts"
            id: Mapped[int] = mapped_column(primary_key=True)
        ---
        class Mark(Base):
            __tablename__ = "marks"
            id: Mapped[int] = mapped_column(primary_key=True)
        ---
        Post.text = mapped_column("words", default="none")
        Post.limit = 5
        ---
        engine = create_engine("sqlite://")
        Base.metadata.create_all(engine)
        result = [*inspect(engine).get_table_names(), Mark(id=n).id, Post.limit, str(Post.text)]
        del engine
        """,
        [({"n": 2}, "as live")],
        needs=NEEDS,
    ),
}
