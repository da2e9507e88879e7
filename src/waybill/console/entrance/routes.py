"""Where the way in is. Of allauth's pages only those stand here that are wanted: the others do not exist."""

from __future__ import annotations

from allauth.account import views as account
from allauth.account.decorators import reauthentication_required as _confirmed
from allauth.mfa.base import views as factors
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as keys
from allauth.socialaccount.providers.openid_connect import views as oidc
from django.urls import path

from waybill.console.entrance import joining
from waybill.console.entrance.elsewhere import PROVIDER
from waybill.console.entrance.permitting import for_anybody, for_the_enrolling, for_the_signed_in

_ELSEWHERE = {"provider_id": PROVIDER}

urlpatterns = [
    path("sign-in", for_anybody(account.login), name="account_login"),
    path("sign-in/second", for_anybody(factors.authenticate), name="mfa_authenticate"),
    path("sign-in/passkey", for_anybody(keys.login_webauthn), name="mfa_login_webauthn"),
    path("sign-in/shut", for_anybody(account.account_inactive), name="account_inactive"),
    path("sign-in/elsewhere", for_anybody(oidc.login), _ELSEWHERE, name="openid_connect_login"),
    path("sign-in/elsewhere/back", for_anybody(oidc.callback), _ELSEWHERE, name="openid_connect_callback"),
    path("sign-out", for_anybody(joining.sign_out), name="account_logout"),
    path("join/<str:secret>", for_anybody(joining.join), name="join"),
    path("again", for_the_enrolling(account.reauthenticate), name="account_reauthenticate"),
    path("again/second", for_the_enrolling(factors.reauthenticate), name="mfa_reauthenticate"),
    path("again/passkey", for_the_enrolling(keys.reauthenticate_webauthn), name="mfa_reauthenticate_webauthn"),
    path("me", for_the_signed_in(factors.index), name="mfa_index"),
    path("me/enrol", for_the_enrolling(joining.enrol), name="enrol"),
    path("me/sessions/end", for_the_signed_in(joining.end_others), name="end-others"),
    path("me/password", for_the_signed_in(_confirmed(account.password_change)), name="account_change_password"),
    path("me/password/none", for_the_signed_in(factors.index), name="account_set_password"),
    path("me/app", for_the_enrolling(totp.activate_totp), name="mfa_activate_totp"),
    path("me/app/remove", for_the_signed_in(totp.deactivate_totp), name="mfa_deactivate_totp"),
    path("me/codes", for_the_signed_in(codes.view_recovery_codes), name="mfa_view_recovery_codes"),
    path("me/codes/new", for_the_signed_in(codes.generate_recovery_codes), name="mfa_generate_recovery_codes"),
    path("me/passkeys", for_the_signed_in(factors.index), name="mfa_list_webauthn"),
    path("me/passkeys/new", for_the_enrolling(keys.add_webauthn), name="mfa_add_webauthn"),
    path("me/passkeys/<int:pk>/remove", for_the_signed_in(keys.remove_webauthn), name="mfa_remove_webauthn"),
]
