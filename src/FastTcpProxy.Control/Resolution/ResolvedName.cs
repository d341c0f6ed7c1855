using System.Collections.Immutable;
using System.Net;

namespace FastTcpProxy.Control.Resolution;

/// <summary>One DNS name and what is known of it. The one task that refreshes it writes; any thread reads.</summary>
/// <param name="name">As it was configured.</param>
internal sealed class ResolvedName(string name)
{
    private long _refreshTicks;
    private ResolvedAnswer _answer = ResolvedAnswer.None;

    public string Name { get; } = name;

    /// <summary>The shortest <c>dnsRefresh</c> of those who use it now; a change counts from the next look-up on.</summary>
    public TimeSpan Refresh
    {
        get => TimeSpan.FromTicks(Volatile.Read(ref _refreshTicks));
        set => Volatile.Write(ref _refreshTicks, value.Ticks);
    }

    /// <summary>Ends its refreshing.</summary>
    public CancellationTokenSource Stop { get; } = new();

    /// <summary>Completes when it was looked up once, whatever came of it.</summary>
    public TaskCompletionSource LookedUp { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Refreshes it until it is stopped.</summary>
    public Task Running { get; set; } = Task.CompletedTask;

    public ResolvedAnswer Answer
    {
        get => Volatile.Read(ref _answer);
        set => Volatile.Write(ref _answer, value);
    }
}

/// <summary>What a resolver said last. Immutable.</summary>
/// <param name="Addresses">The last good ones, in its order.</param>
/// <param name="Error">Why the last look-up failed; null when it did not.</param>
internal sealed record ResolvedAnswer(ImmutableArray<IPAddress> Addresses, string? Error)
{
    /// <summary>Before the first look-up has ended.</summary>
    public static ResolvedAnswer None { get; } = new([], "it was not looked up yet");

    public bool IsGood => Error is null;
}
