namespace FastTcpProxy.LoadTest.Model;

/// <summary>What a stage tells its runner while it runs. Any thread.</summary>
public interface IRecord
{
    /// <summary>Since the first arrival was due.</summary>
    TimeSpan Elapsed { get; }

    /// <summary>From now on arrivals belong to this phase, whatever time they end.</summary>
    /// <param name="name">A word in lower case: it is part of the names of figures.</param>
    void Phase(string name);

    /// <summary>Something an observer measured beside the arrivals: the administrative interface, another service.</summary>
    /// <param name="series">Whose; a word in lower case.</param>
    /// <param name="intended">When it was to begin, as <see cref="Elapsed"/> counts.</param>
    void Observe(string series, TimeSpan intended, StepResult result);

    /// <summary>
    /// A figure of the run that is no latency: memory of a waiting connection, bytes a second. The last one of a name holds.
    /// </summary>
    void Figure(string name, double value, string unit);

    /// <summary>A sentence for the report: what was done and how, what could not be had.</summary>
    void Note(string text);
}
