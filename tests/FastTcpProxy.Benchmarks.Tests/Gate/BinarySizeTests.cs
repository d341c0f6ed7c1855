using System.Runtime.InteropServices;
using FastTcpProxy.Gate.Measurements;
using FastTcpProxy.Gate.Running;
using FastTcpProxy.Gate.Verdicts;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Benchmarks.Tests.Gate;

/// <summary>What counts as the size of the program.</summary>
public sealed class BinarySizeTests : IDisposable
{
    private const string Output = "src/FastTcpProxy.Daemon/bin/Release/net10.0";

    private readonly TempFolder _base = new("size"), _head = new("size");

    public void Dispose()
    {
        _base.Dispose();
        _head.Dispose();
    }

    [Fact]
    public void Build_CodeAndMore_CountsTheCode()
    {
        Build(_base, dllKiB: 30);
        Write(_base, $"{Output}/fasttcpproxy.pdb", 500);
        Write(_base, $"{Output}/fasttcpproxy.xml", 500);
        Write(_base, $"{Output}/linux-x64/fasttcpproxy.dll", 500);
        Assert.Equal(40, BinarySize.OfBuild(_base.Path));
    }

    [Theory]
    [InlineData(30, false)]
    [InlineData(32, false)]
    [InlineData(33, true)]
    [InlineData(20, false)]
    public void Compare_HeadLargerByMoreThanTheFloor_IsARegression(int headDllKiB, bool regression)
    {
        Build(_base, dllKiB: 30);
        Build(_head, headDllKiB);
        Verdict verdict = Assert.Single(BinarySize.Compare(_base.Path, _head.Path, native: false));
        Assert.Equal((BinarySize.BuildFigure, 40, 2, regression), (verdict.Figure, verdict.Base, verdict.Limit, verdict.IsRegression));
    }

    [Fact]
    public void Compare_Native_ComparesThePublishedBinariesToo()
    {
        foreach (TempFolder tree in new[] { _base, _head })
        {
            Build(tree, dllKiB: 30);
            Write(tree, $"{Output}/{RuntimeInformation.RuntimeIdentifier}/publish/fasttcpproxy", tree == _base ? 1000 : 1051);
        }
        Verdict native = BinarySize.Compare(_base.Path, _head.Path, native: true)[1];
        Assert.Equal((BinarySize.NativeFigure, 51, true), (native.Figure, native.Change, native.IsRegression));
    }

    [Fact]
    public void Compare_NotBuilt_SaysSo()
    {
        Assert.Contains("build the tree",
            Assert.Throws<GateException>(() => BinarySize.Compare(_base.Path, _head.Path, native: false)).Message,
            StringComparison.Ordinal);
        Build(_base, dllKiB: 30);
        Assert.Contains("publish the tree", Assert.Throws<GateException>(() => BinarySize.OfNative(_base.Path)).Message,
            StringComparison.Ordinal);
    }

    private static void Build(TempFolder tree, int dllKiB)
    {
        Write(tree, $"{Output}/fasttcpproxy", 10);
        Write(tree, $"{Output}/fasttcpproxy.dll", dllKiB - 5);
        Write(tree, $"{Output}/System.CommandLine.dll", 5);
    }

    private static void Write(TempFolder tree, string name, int kiB) => tree.Write(name, new string('x', kiB * 1024));
}
