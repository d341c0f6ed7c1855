namespace FastTcpProxy.Engine;

/// <summary>The limits of descriptors that the process has at its start.</summary>
/// <param name="SoftBefore">The soft limit that was found.</param>
/// <param name="Hard">The hard limit, to which the soft one was to be raised.</param>
/// <param name="Limit">The limit in force.</param>
/// <param name="SessionCapacity">How many sessions that allows; listeners wait when they are reached.</param>
public sealed record DescriptorReport(long SoftBefore, long Hard, long Limit, int SessionCapacity);
