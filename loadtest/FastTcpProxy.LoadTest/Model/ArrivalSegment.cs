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
/// <param name="During">How long; at least a second, which is the least that every runner knows.</param>
public sealed record ArrivalSegment(ArrivalModel Model, int Value, TimeSpan During)
{
    public static ArrivalSegment PerSecond(int rate, TimeSpan during) => new(ArrivalModel.Rate, rate, during);

    public static ArrivalSegment AtATime(int copies, TimeSpan during) => new(ArrivalModel.Copies, copies, during);
}
