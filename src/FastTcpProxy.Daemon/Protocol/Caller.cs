namespace FastTcpProxy.Daemon.Protocol;

/// <summary>Who asks. Immutable, any thread.</summary>
/// <param name="Author">The name that a change is kept under: a user of this machine, <c>root (sudo: anna)</c>, <c>uid 1000</c>, or
/// <c>token from 192.0.2.1:4711</c>.</param>
/// <param name="Origin">From where, for the audit: the listener, and what is known of the other end.</param>
internal sealed record Caller(string Author, string Origin)
{
    /// <summary>The field of answers that names the caller as an author, percent-encoded.</summary>
    public const string HeaderName = "Caller";

    /// <summary>Before the address and port of an author who showed the token.</summary>
    public const string TokenPrefix = "token from ";

    /// <summary>Whether the kernel says that it is root, on the UNIX socket.</summary>
    public bool IsRoot { get; init; }
}
