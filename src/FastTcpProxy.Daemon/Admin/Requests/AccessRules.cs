using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using FastTcpProxy.Daemon.Logging;
using FastTcpProxy.Daemon.Protocol;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace FastTcpProxy.Daemon.Admin.Requests;

/// <summary>
/// Which requests a listener lets in. A web page can make a browser send requests to any address, under the page's own name (rebinding) and
/// from any page. Such a request has an Origin, or a Host that is not ours. Over TCP the token is required as well; on the UNIX socket the
/// file's mode has decided. Immutable, any thread.
/// </summary>
internal sealed class AccessRules
{
    private const string LocalHost = "localhost", Scheme = "Bearer ";

    private readonly AdminToken? _token;
    private readonly X509Certificate2? _certificate;
    private readonly Throttle? _throttle;
    private readonly ILogger? _log;

    private AccessRules(AdminToken? token = null, X509Certificate2? certificate = null, ILogger? log = null, TimeProvider? time = null)
    {
        _token = token;
        _certificate = certificate;
        _log = log;
        if (time is not null) _throttle = new Throttle(time);
    }

    /// <summary>Of the UNIX socket.</summary>
    public static AccessRules Unix { get; } = new();

    /// <param name="token">What clients must show.</param>
    /// <param name="certificate">Whose names are hosts too; null: there is no TLS. The caller keeps it.</param>
    /// <param name="log">Reports clients without the token, at most once a second.</param>
    public static AccessRules Tcp(AdminToken token, X509Certificate2? certificate, ILogger log, TimeProvider time) =>
        new(token, certificate, log, time);

    /// <summary>Checks a request before its path is read.</summary>
    /// <exception cref="Refusal">It is not let in.</exception>
    public void Check(HttpContext context)
    {
        if (context.Request.Headers.Origin.Count > 0)
            throw new Refusal(StatusCodes.Status403Forbidden, "a request with an Origin comes from a browser, and browsers are not served");
        HostString host = context.Request.Host;
        if (_token is null)
        {
            if (!LocalHost.Equals(host.Value, StringComparison.OrdinalIgnoreCase))
                throw Refusal.BadRequest($"the Host must be {LocalHost}");
            return;
        }
        if (!IsOurs(host))
            throw Refusal.BadRequest(
                $"the Host must be {LocalHost} or an IP address{(_certificate is null ? "" : ", or a name of the server's certificate")}");
        CheckToken(context, _token);
    }

    /// <summary>What a page's rebound name cannot be; the port may be any, since it may be mapped.</summary>
    private bool IsOurs(HostString host)
    {
        if (!host.HasValue) return false;
        string name = host.Host;
        // Mapped and abbreviated forms are no names of a page either.
        return LocalHost.Equals(name, StringComparison.OrdinalIgnoreCase) || IPAddress.TryParse(name, out _)
            || (_certificate is not null && Uri.CheckHostName(name) == UriHostNameType.Dns
                && _certificate.MatchesHostname(name, allowCommonName: false));
    }

    private void CheckToken(HttpContext context, AdminToken token)
    {
        IList<string?> lines = context.Request.Headers.Authorization;
        bool isThere = lines is [{ } line] && line.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase);
        if (isThere && token.Matches(lines[0]![Scheme.Length..].Trim(' '))) return;
        // RFC 6750, section 3: a request that shows no token is not told of an error.
        context.Response.Headers.WWWAuthenticate = isThere ? "Bearer error=\"invalid_token\"" : "Bearer";
        if (_throttle!.TryPass(out long dropped))
            Events.AdminNotAuthenticated(_log!, context.Features.Get<Caller>()?.Origin ?? "",
                isThere ? "a wrong token" : "no token", dropped);
        throw new Refusal(StatusCodes.Status401Unauthorized,
            isThere
            ? "the token is wrong, expected the one in the server's admin.tokenFile"
            : "expected Authorization: Bearer with the token in the server's admin.tokenFile");
    }
}

/// <summary>
/// The token that TCP clients must show. Only its hash is kept, and two hashes of one length are compared in constant time. Immutable, any
/// thread.
/// </summary>
internal sealed class AdminToken(string token)
{
    private readonly byte[] _hash = Hash(token);

    public bool Matches(string shown) => CryptographicOperations.FixedTimeEquals(Hash(shown), _hash);

    private static byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}
