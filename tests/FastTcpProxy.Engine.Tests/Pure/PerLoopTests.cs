using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using FastTcpProxy.Engine.Guards;
using FastTcpProxy.Engine.Records;
using FastTcpProxy.Engine.Services;

namespace FastTcpProxy.Engine.Tests.Pure;

/// <summary>What loops have each for themselves: on which lines of memory it lies, and what follows from it for the sources.</summary>
public sealed class PerLoopTests
{
    /// <summary>By addresses, because what the attributes say is not what the runtime does.</summary>
    [Fact]
    public unsafe void Value_WhateverIsBesideIt_SharesNoLineWithIt()
    {
        PerLoop<long> values = new();
        values[0] = 1;
        PerLoop<long>.Own own = values.All[0]!;
        object place = own;
        long size = SizeOf(static () => new PerLoop<long>.Own());
        fixed (long* value = &own.Value)
        {
            // The pointer to an object leads to its type, before which is its header (64-bit).
            long before = (long)value - (Unsafe.As<object, nint>(ref place) - sizeof(long));
            Assert.InRange(before, PerLoop<long>.LineBytes, 2 * PerLoop<long>.LineBytes);
            Assert.InRange(size - before - sizeof(long), PerLoop<long>.LineBytes, 2 * PerLoop<long>.LineBytes);
        }
    }

    /// <summary>The loop and the thread of the log write at the same time.</summary>
    [Fact]
    public void RecordRing_CountsOfItsTwoSides_AreOnLinesOfTheirOwn()
    {
        int[] offsets = [.. typeof(SessionRecordRing).GetFields(BindingFlags.Instance | BindingFlags.NonPublic).Select(OffsetOf).Order()];
        Assert.Equal(5, offsets.Length);
        Assert.True(offsets[1] - offsets[0] >= PerLoop<long>.LineBytes);
        Assert.True(offsets[3] - (offsets[2] + sizeof(long)) >= PerLoop<long>.LineBytes);
    }

    [Fact]
    public void NextSource_OfSeveralLoops_IsSpreadEvenly()
    {
        const int Sources = 3, Loops = 2;
        ServiceState service = new(new ServiceDefinition { Name = "s", Upstreams = [] });
        int[] taken = new int[Sources];
        // The first connects already, before any loop has come round.
        for (int i = 0; i < Sources * Loops; i++)
        {
            taken[service.NextSource(i % Loops) % Sources]++;
            Assert.InRange(taken.Max() - taken.Min(), 0, 2);
        }
        Assert.Equal([2, 2, 2], taken);
    }

    private static int OffsetOf(FieldInfo field) => field.GetCustomAttribute<FieldOffsetAttribute>()!.Value;

    private static long SizeOf(Func<object> make)
    {
        const int Objects = 100;
        object[] kept = new object[Objects];
        make();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < Objects; i++) kept[i] = make();
        return (GC.GetAllocatedBytesForCurrentThread() - before) / Objects;
    }
}
