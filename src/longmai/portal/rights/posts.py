"""The portal's own permissions, and who holds them; domains bring theirs."""

from longmai.portal.rights.model import Policy, Post

_SYSTEM = Post("admin_system", "operation")
_SECURITY = Post("admin_security", "security")
_AUDIT = Post("admin_audit", "audit")

PORTAL = Policy(
    {
        "account.read": (_SYSTEM, _SECURITY, _AUDIT),
        "account.manage": (_SYSTEM,),
        # Personal fields in full: only who has to reach the person.
        "account.look": (_SYSTEM,),
        "account.grant": (_SECURITY,),
        "account.audit": (_AUDIT,),
        "record.look": (_AUDIT,),
        "ledger.audit": (_AUDIT, _SYSTEM),
        "job.read": (_SYSTEM, _AUDIT),
        "job.manage": (_SYSTEM,),
        # A policy is issued in the name of an office.
        "rules.issue": (Post("official", "service"), Post("leader", "supervision")),
        "operation.read": (_SYSTEM,),
    }
)
