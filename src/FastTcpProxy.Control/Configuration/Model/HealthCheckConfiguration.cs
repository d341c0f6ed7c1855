using FastTcpProxy.Engine.Services;

namespace FastTcpProxy.Control.Configuration.Model;

/// <summary>
/// How one upstream is checked: the keys of its service's <c>healthCheck</c> with its own in their place, and all templates filled in.
/// Immutable, any thread. Two are equal when they check in the same way, whatever the content of the files that they name.
/// </summary>
public sealed record HealthCheckConfiguration
{
    public required CheckType Type { get; init; }

    /// <summary>
    /// What is asked; set for <see cref="CheckType.Http"/>. Absolute, <c>http</c> or <c>https</c>, without user name and fragment.
    /// </summary>
    public Uri? Url { get; init; }

    /// <summary>
    /// Where a check that is not of <see cref="CheckType.Http"/> connects; null for the upstream's own address.
    /// </summary>
    public ConfiguredUpstreamAddress? Address { get; init; }

    /// <summary>A token of RFC 9110, section 5.6.2.</summary>
    public required string Method { get; init; }

    /// <summary>Sent as they stand, in this order; at most one is <c>Host</c>, none is one that the client sets by itself.</summary>
    public required EquatableArray<CheckHeader> Headers { get; init; }

    /// <summary>The request's body, or what a TCP check without steps sends; empty for none.</summary>
    public required EquatableArray<byte> Content { get; init; }

    /// <summary>The dialogue of a <see cref="CheckType.Tcp"/> check, in its order; empty when it has none.</summary>
    public EquatableArray<CheckStep> Steps { get; init; }

    /// <summary>The name with which an SMTP check introduces itself: a DNS name or an IP address. Null: a name of its own.</summary>
    public string? Helo { get; init; }

    /// <summary>Whom a database is asked to log in, without a password; null: no one.</summary>
    public string? User { get; init; }

    /// <summary>Whether a check without a URL speaks TLS from the first byte on.</summary>
    public bool UsesTls { get; init; }

    /// <summary>How long one probe may take, from the connect to the last byte that is needed.</summary>
    public required TimeSpan Timeout { get; init; }

    /// <summary>From the start of one check to the start of the next.</summary>
    public required TimeSpan Interval { get; init; }

    public required ProbeRule Probes { get; init; }

    public required CheckExpectation Expect { get; init; }

    /// <summary>How TLS is spoken; its defaults where the file says nothing. Of no effect for a check without TLS.</summary>
    public required CheckTls Tls { get; init; }

    /// <summary>Whether a PROXY header goes first.</summary>
    public required CheckProxyHeader ProxyHeader { get; init; }

    /// <summary>Whether an upstream that has not been checked yet gets clients.</summary>
    public required bool InitiallyServing { get; init; }

    /// <summary>Whether the sessions on an upstream are reset when it goes down.</summary>
    public required bool ResetOnDown { get; init; }
}

/// <summary>What a check speaks.</summary>
public enum CheckType : byte
{
    /// <summary>HTTP/1.1, over TLS when the URL says so.</summary>
    Http,

    /// <summary>Connects; sends and expects bytes when it is told which.</summary>
    Tcp,

    /// <summary>The greeting of RFC 5321, EHLO and QUIT.</summary>
    Smtp,

    /// <summary>The greeting of RFC 9051, and LOGOUT.</summary>
    Imap,

    /// <summary>The greeting of RFC 1939, and QUIT.</summary>
    Pop3,

    /// <summary>A login of MySQL or MariaDB, and COM_QUIT.</summary>
    Mysql,

    /// <summary>A question of PostgreSQL's protocol, or a login and its end.</summary>
    Postgresql,

    /// <summary>There is no check, whatever the other keys say. An upstream then has no check's configuration at all.</summary>
    None,
}

/// <summary>One step of a check's dialogue: it sends, or it waits. Immutable.</summary>
/// <param name="Send">What it sends; empty when it waits.</param>
/// <param name="Expect">What must come; null when it sends.</param>
public sealed record CheckStep(EquatableArray<byte> Send, ContentPattern? Expect);

/// <summary>One header field of a check's request. Immutable.</summary>
/// <param name="Name">A token of RFC 9110, section 5.6.2.</param>
/// <param name="Value">Visible ASCII, spaces and tabs; no spaces at the ends.</param>
public readonly record struct CheckHeader(string Name, string Value);

/// <summary>The probes of one check follow each other until there are enough good or enough bad ones. Immutable.</summary>
/// <param name="Successes">Good ones that make the check good; at least 1.</param>
/// <param name="Failures">Bad ones that make it bad; at least 1.</param>
/// <param name="Delay">From the end of one probe to the start of the next; zero: at once.</param>
public readonly record struct ProbeRule(int Successes, int Failures, TimeSpan Delay)
{
    /// <summary>The most probes that a check can take before one of the two is reached.</summary>
    public int ProbesMax => Successes + Failures - 1;
}

/// <summary>The PROXY header at the start of a check's connection.</summary>
public enum CheckProxyHeader : byte
{
    None,

    /// <summary>Version 1 with the addresses of the check's own connection.</summary>
    V1,

    /// <summary>Version 2, LOCAL (PROXY protocol specification, section 2.2): for checks that the proxy makes by itself.</summary>
    V2,

    /// <summary>
    /// Version 2, PROXY, with the addresses of the connection; LOCAL on a UNIX socket. No check has it, only a trial that an operator asks
    /// for.
    /// </summary>
    V2Addresses,
}
