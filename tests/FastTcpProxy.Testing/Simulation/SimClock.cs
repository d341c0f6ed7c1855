namespace FastTcpProxy.Testing.Simulation;

/// <summary>
/// The clock of a simulation: it stands still unless the simulation moves it. One thread; owned by its <see cref="SimWorld"/>.
/// </summary>
internal sealed class SimClock : TimeProvider
{
    /// <summary>The wall clock at the beginning.</summary>
    public DateTimeOffset Epoch { get; } = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Microseconds since the simulation began.</summary>
    public long NowUs { get; private set; }

    public override long TimestampFrequency => 1_000_000;

    public void MoveTo(long nowUs) => NowUs = Math.Max(NowUs, nowUs);

    public override long GetTimestamp() => NowUs;

    public override DateTimeOffset GetUtcNow() => Epoch.AddMicroseconds(NowUs);
}
