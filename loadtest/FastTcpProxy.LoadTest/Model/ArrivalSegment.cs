namespace FastTcpProxy.LoadTest.Model;

/// <summary>How steps begin.</summary>
public enum ArrivalModel
{
    /// <summary>Open: at intended times, evenly spaced, whatever becomes of those before.</summary>
    Rate,

    /// <summary>Closed: so many copies at a time, each begins the next step when its last one has ended.</summary>
    Copies,
}

/// <summary>A part of a scenario's arrivals. Segments follow each other. Immutable.</summary>
/// <param name="Value">Arrivals a second, or copies; above 0.</param>
/// <param name="During">How long; whole seconds, at least one. NBomber runs no part of a second.</param>
public sealed record ArrivalSegment(ArrivalModel Model, int Value, TimeSpan During)
{
    /// <exception cref="ArgumentException">It is not one or more whole seconds.</exception>
    public TimeSpan During { get; } = During >= TimeSpan.FromSeconds(1) && During.Ticks % TimeSpan.TicksPerSecond == 0
        ? During
        : throw new ArgumentException($"a segment of {During.TotalSeconds} s, expected whole seconds, at least 1", nameof(During));

    public static ArrivalSegment PerSecond(int rate, TimeSpan during) => new(ArrivalModel.Rate, rate, during);

    public static ArrivalSegment AtATime(int copies, TimeSpan during) => new(ArrivalModel.Copies, copies, during);
}
