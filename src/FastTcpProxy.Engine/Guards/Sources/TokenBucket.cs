using System.Runtime.InteropServices;

namespace FastTcpProxy.Engine.Guards.Sources;

/// <summary>
/// One bucket for all sources: what the process or a service takes of connections a second. Exact over all loops. Any thread. Nothing else
/// is on its cache line (<see cref="PerLoop{T}.Own"/> says why its room is made of fields).
/// </summary>
[StructLayout(LayoutKind.Sequential)]
public sealed class TokenBucket
{
#pragma warning disable IDE0051, CS0169 // Room.
    private readonly PerLoop<long>.Line _before;
    private long _fullAtNs;
    private readonly PerLoop<long>.Line _after;
#pragma warning restore IDE0051, CS0169

    /// <summary>Takes a token; false: there is none.</summary>
    public bool TryTake(in TokenRate rate, long nowUs) => rate.TryTake(ref _fullAtNs, nowUs * 1_000);

    /// <summary>What was taken was not used.</summary>
    public void GiveBack(in TokenRate rate) => rate.GiveBack(ref _fullAtNs);

    /// <inheritdoc cref="TokenRate.TokensLeft"/>
    public int TokensLeft(in TokenRate rate, long nowUs) => rate.TokensLeft(Volatile.Read(ref _fullAtNs), nowUs * 1_000);

    /// <summary>When there is a token: now or later.</summary>
    public long RoomAtUs(in TokenRate rate, long nowUs) =>
        (rate.RoomAtNs(Volatile.Read(ref _fullAtNs), nowUs * 1_000) + 999) / 1_000;

    /// <summary>Until it is full, in microseconds, for the process that takes over; 0: it is.</summary>
    public long FullInUs(long nowUs) => Math.Max((Volatile.Read(ref _fullAtNs) - nowUs * 1_000 + 999) / 1_000, 0);

    /// <summary>It is not fuller than it was in the other process.</summary>
    /// <param name="fullInUs">What <see cref="FullInUs"/> said, less the time since.</param>
    public void Restore(long fullInUs, long nowUs) => SourceEntry.RaiseTo(ref _fullAtNs, (nowUs + fullInUs) * 1_000);
}
