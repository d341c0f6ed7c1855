namespace FastTcpProxy.Engine;

/// <summary>The settings of the whole engine. Fixed at the start.</summary>
public sealed record EngineOptions
{
    /// <summary>Socket threads, and as many loops: 1 to <see cref="ThreadsMax"/>; default one for each core.</summary>
    public int Threads { get; init; } = ThreadsDefault;

    public const int ThreadsMax = 256;

    public static int ThreadsDefault => Math.Clamp(Environment.ProcessorCount, 1, ThreadsMax);

    /// <summary>Sessions at once, beyond which clients are refused; 0 (default): no limit but what descriptors allow.</summary>
    public int SessionsMax { get; init; }

    /// <summary>
    /// Descriptors that others in the process may come to need, which sessions leave free; by default
    /// <see cref="DescriptorLimit.ReservedDefault"/>.
    /// </summary>
    public int DescriptorsReserved { get; init; } = DescriptorLimit.ReservedDefault;

    /// <summary>
    /// Descriptors for second attempts of sessions and for attempts that are watched after their sessions have given them up. A quarter is
    /// for the latter, up to <see cref="Guards.SecondAttempts.ObserversMax"/>.
    /// </summary>
    public int SecondAttemptDescriptors { get; init; } = Guards.SecondAttempts.DescriptorsMax;

    /// <summary>Sources that are told apart where a service limits them; 66 bytes each, allocated at once.</summary>
    public int SourcesMax { get; init; } = Guards.Sources.SourceTable.CapacityDefault;

    /// <summary>Bytes that buffers may take; 0 (default): a quarter of the memory that the process may use.</summary>
    public long BufferBytesMax { get; init; }

    /// <summary>Whether ended sessions are reported through <see cref="ProxyEngine.Records"/>.</summary>
    public bool RecordSessions { get; init; } = true;
}
