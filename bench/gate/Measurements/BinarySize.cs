using System.Runtime.InteropServices;
using FastTcpProxy.Gate.Running;
using FastTcpProxy.Gate.Verdicts;

namespace FastTcpProxy.Gate.Measurements;

/// <summary>
/// How large the program is: what a build leaves of its own and of its dependencies' code, and the native binary where it was published.
/// Any thread.
/// </summary>
internal static class BinarySize
{
    public const string BuildFigure = "program size, KiB", NativeFigure = "native binary size, KiB";

    private const string Program = "fasttcpproxy", Output = "src/FastTcpProxy.Daemon/bin/Release/net10.0";

    /// <summary>The sizes of two built trees.</summary>
    /// <param name="native">Compares the published binaries too.</param>
    /// <exception cref="GateException">A tree is not built, or not published.</exception>
    public static IReadOnlyList<Verdict> Compare(string baseTree, string headTree, bool native)
    {
        List<Verdict> verdicts = [Decide(BuildFigure, OfBuild(baseTree), OfBuild(headTree))];
        if (native) verdicts.Add(Decide(NativeFigure, OfNative(baseTree), OfNative(headTree)));
        return verdicts;
    }

    /// <summary>KiB of the program and the assemblies beside it: without symbols, documentation and text, which no one loads.</summary>
    public static double OfBuild(string tree)
    {
        string folder = Path.Combine(tree, Output);
        if (!File.Exists(Path.Combine(folder, Program))) throw new GateException($"{folder} has no {Program}: build the tree first");
        return KiB(new DirectoryInfo(folder).EnumerateFiles().Where(f => f.Name == Program || f.Extension == ".dll").Sum(f => f.Length));
    }

    /// <summary>KiB of the published native binary, without its symbols, which lie in a file of their own.</summary>
    public static double OfNative(string tree)
    {
        FileInfo binary = new(Path.Combine(tree, Output, RuntimeInformation.RuntimeIdentifier, "publish", Program));
        return binary.Exists ? KiB(binary.Length) : throw new GateException($"{binary.FullName} does not exist: publish the tree first");
    }

    private static Verdict Decide(string figure, double ofBase, double ofHead) =>
        Judge.Exact(figure, [ofBase], [ofHead], ofBase * Judge.SizeFloor);

    private static double KiB(long bytes) => bytes / 1024.0;
}
