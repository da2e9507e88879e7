"""Unified audit records of Microsoft 365, as the Management Activity API returns them, one a line.

Format: https://learn.microsoft.com/office/office-365-management-api/office-365-management-activity-api-schema
"""

from waybill.simulate.sources.microsoft365.exchange import (
    dlp_rule_match,
    mail_items_accessed,
    message_id,
    new_inbox_rule,
    send,
)
from waybill.simulate.sources.microsoft365.records import LAYOUT
from waybill.simulate.sources.microsoft365.sharepoint import anonymous_link_created, file, sharing_set
from waybill.simulate.sources.microsoft365.sign_ins import user_logged_in

__all__ = [
    "LAYOUT",
    "anonymous_link_created",
    "dlp_rule_match",
    "file",
    "mail_items_accessed",
    "message_id",
    "new_inbox_rule",
    "send",
    "sharing_set",
    "user_logged_in",
]
