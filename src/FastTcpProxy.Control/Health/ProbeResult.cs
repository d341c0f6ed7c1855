namespace FastTcpProxy.Control.Health;

/// <summary>How one probe went. Immutable.</summary>
/// <param name="Failure">Null: it was good.</param>
/// <param name="Text">
/// For people, one line, printable whatever the origin sent: what was seen ("status 200"), or what went wrong and in which step ("timed out in TLS").
/// At most <see cref="TextMax"/> characters.
/// </param>
/// <param name="Duration">From its start to its result.</param>
public sealed record ProbeResult(ProbeFailure? Failure, string Text, TimeSpan Duration)
{
    public const int TextMax = 200;

    public bool IsGood => Failure is null;

    /// <summary>Whether this machine lacked something for it: then it is neither good nor bad.</summary>
    public bool IsUnknown => Failure is ProbeFailure.NoLocalPort or ProbeFailure.NoDescriptor or ProbeFailure.NoMemory;
}
