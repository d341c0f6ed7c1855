using System.Globalization;

namespace FastTcpProxy.Gate.Trees;

/// <summary>How long a <see cref="SlowedSource"/> burns. Immutable.</summary>
/// <param name="SessionUs">Microseconds when a session begins.</param>
/// <param name="StepUs">Microseconds in each step of a relay.</param>
internal readonly record struct BurnTimes(double SessionUs, double StepUs)
{
    /// <summary>Steps in one round trip: the request and the answer.</summary>
    private const int StepsPerRoundTrip = 2;

    /// <summary>Steps in one connection of the load: what they burn is part of what a connection is to burn.</summary>
    private const int StepsPerConnection = 4;

    /// <summary>The first guess at what makes a connection and a round trip take so much longer.</summary>
    public static BurnTimes For(double connectionUs, double roundTripUs)
    {
        double step = roundTripUs / StepsPerRoundTrip;
        return new BurnTimes(Math.Max(0, connectionUs - (step * StepsPerConnection)), step);
    }

    /// <summary>
    /// A better one, when these were found to take other times than were wanted: what is burnt also costs caches and batches, by how much
    /// depends on the machine.
    /// </summary>
    public BurnTimes Corrected(double wantedConnectionUs, double foundConnectionUs, double wantedRoundTripUs, double foundRoundTripUs)
    {
        double step = foundRoundTripUs > 0 ? StepUs * wantedRoundTripUs / foundRoundTripUs : StepUs;
        return new BurnTimes(
            Math.Max(0, SessionUs + wantedConnectionUs - foundConnectionUs + ((StepUs - step) * StepsPerConnection)), step);
    }

    /// <summary>The environment of a process that is to burn so long.</summary>
    public Dictionary<string, string> ToEnvironment() => new()
    {
        [SlowedSource.SessionVariable] = Nanoseconds(SessionUs),
        [SlowedSource.StepVariable] = Nanoseconds(StepUs),
    };

    private static string Nanoseconds(double us) => Math.Round(us * 1000).ToString(CultureInfo.InvariantCulture);
}
