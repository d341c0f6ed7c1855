using System.Collections.Immutable;
using FastTcpProxy.Engine.Guards.Networks;

namespace FastTcpProxy.Control.Guards;

/// <summary>What a list of networks has: its entries, or why none of it can be taken. Immutable, any thread.</summary>
/// <param name="Entries">Each network once, in the order of tables; empty when there is a fault.</param>
/// <param name="Repeated">Lines that have the network of another line.</param>
/// <param name="Faults">The first ones by line, at most <see cref="NetworkListReader.FaultsMax"/>.</param>
/// <param name="FaultCount">How many there are.</param>
public sealed record NetworkList(ReadOnlyMemory<NetworkEntry> Entries, int Repeated, ImmutableArray<NetworkListFault> Faults,
    long FaultCount)
{
    /// <summary>Whether it can be taken.</summary>
    public bool IsSound => FaultCount == 0;
}

/// <summary>One thing that is wrong with a list; who shows it puts the path before it. Immutable, any thread.</summary>
/// <param name="Line">From 1. What concerns the list as a whole is at line 1, column 1.</param>
/// <param name="Column">From 1, counted in characters (Unicode scalar values) of the line.</param>
/// <param name="Message">What is wrong and what was expected; one line without control characters.</param>
public sealed record NetworkListFault(int Line, int Column, string Message)
{
    public override string ToString() => $"{Line}:{Column}: {Message}";
}
