namespace FastTcpProxy.Control.Resolution;

/// <summary>One DNS name and what is known of it. The one task that refreshes it writes; any thread reads.</summary>
/// <param name="name">As it was configured.</param>
/// <param name="refresh">The shortest <c>dnsRefresh</c> of those who use it.</param>
internal sealed class ResolvedName(string name, TimeSpan refresh)
{
    private ResolvedAnswer _answer = ResolvedAnswer.None;

    public string Name { get; } = name;

    public TimeSpan Refresh { get; } = refresh;

    public ResolvedAnswer Answer
    {
        get => Volatile.Read(ref _answer);
        set => Volatile.Write(ref _answer, value);
    }
}
