"""Tables of what meets the law: facts and grades of assets, verifications of rules, sensitive posts, who left them."""

from __future__ import annotations

from django.db import models

ID_LENGTH = 200


class AssetProfile(models.Model):
    """What is known of an asset in the words of the rulebook's facts, and the grade that a person confirmed."""

    asset = models.CharField(primary_key=True, max_length=ID_LENGTH)
    facts = models.TextField(blank=True, default="{}")
    """As JSON, by the names of facts."""
    said_by = models.CharField(max_length=ID_LENGTH, blank=True, default="")
    said_at = models.DateTimeField(null=True)
    grade = models.CharField(max_length=20, blank=True, default="")
    graded_by = models.CharField(max_length=ID_LENGTH, blank=True, default="")
    graded_at = models.DateTimeField(null=True)
    reason = models.TextField(blank=True, default="")

    class Meta:
        """A confirmed grade has somebody who confirmed it, and a reason."""

        constraints = (
            models.CheckConstraint(
                condition=models.Q(grade="") | (~models.Q(graded_by="") & ~models.Q(reason="")),
                name="asset_grade_confirmed_by_somebody",
            ),
        )

    def __str__(self) -> str:
        return self.asset


class Verification(models.Model):
    """A person held a rule against the text of its source. The latest one of a rule counts; earlier ones stay."""

    provision = models.CharField(max_length=ID_LENGTH, db_index=True)
    quote = models.TextField()
    quote_sha256 = models.CharField(max_length=64)
    source = models.TextField()
    """Where the text was read."""
    by = models.CharField(max_length=ID_LENGTH)
    on = models.DateField()
    review_on = models.DateField()

    class Meta:
        """Nobody verifies a rule without its text, and each verification ends."""

        constraints = (
            models.CheckConstraint(condition=~models.Q(quote="") & ~models.Q(source=""), name="verification_has_text"),
            models.CheckConstraint(condition=models.Q(review_on__gt=models.F("on")), name="verification_ends"),
        )

    def __str__(self) -> str:
        return f"{self.provision} {self.on}"


class Post(models.Model):
    """A sensitive post: who holds it, how it was vetted, who may approve what its holder does."""

    id = models.CharField(primary_key=True, max_length=ID_LENGTH)
    title = models.CharField(max_length=400)
    org = models.CharField(max_length=ID_LENGTH, blank=True, default="")
    secrecy_class = models.CharField(max_length=20, default="none")
    assets = models.TextField(blank=True, default="")
    """What its holder knows: ids of assets, joined by ``;``."""
    approver = models.CharField(max_length=ID_LENGTH, blank=True, default="")
    """Post whose holder approves journeys and moves."""
    rotation_months = models.IntegerField(null=True)
    vetting_months = models.IntegerField(null=True)

    class Meta:
        """Keeps ids from being empty, and a post from approving for itself."""

        constraints = (
            models.CheckConstraint(condition=~models.Q(id=""), name="post_has_id"),
            models.CheckConstraint(condition=~models.Q(approver=models.F("id")), name="post_not_its_own_approver"),
        )

    def __str__(self) -> str:
        return self.id


class Holding(models.Model):
    """A person on a sensitive post, from the day of joining to the end of the de-secrecy period."""

    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="holdings")
    person = models.CharField(max_length=ID_LENGTH, db_index=True)
    """A pseudonym."""
    since = models.DateField()
    vetted_on = models.DateField(null=True)
    left_on = models.DateField(null=True)
    secret_until = models.DateField(null=True)
    """Last day of the de-secrecy period."""
    compete_until = models.DateField(null=True)
    """Last day of a non-compete agreement."""
    goes_to = models.CharField(max_length=ID_LENGTH, blank=True, default="")
    """The next employer, where it is told."""
    goes_to_country = models.CharField(max_length=2, blank=True, default="")
    done = models.TextField(blank=True, default="{}")
    """Steps of the leaver's checklist that are done, with who and when, as JSON."""

    class Meta:
        """One person holds a post once at a time; periods end after they begin."""

        constraints = (
            models.UniqueConstraint(
                fields=["post", "person"], condition=models.Q(left_on__isnull=True), name="post_held_once"
            ),
            models.CheckConstraint(
                condition=models.Q(left_on__isnull=True) | models.Q(left_on__gte=models.F("since")),
                name="post_left_after_it_was_taken",
            ),
        )

    def __str__(self) -> str:
        return f"{self.post_id} {self.person}"
