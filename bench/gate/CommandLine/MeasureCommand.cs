using System.CommandLine;
using System.Globalization;
using FastTcpProxy.Compare.Machine;
using FastTcpProxy.Gate.Measurements;
using FastTcpProxy.Gate.Reporting;
using FastTcpProxy.Gate.Verdicts;

namespace FastTcpProxy.Gate.CommandLine;

/// <summary>
/// <c>measure BASE HEAD</c>: compares two trees that are built already, in a network of its own where that can be had. Used by the main
/// thread.
/// </summary>
internal static class MeasureCommand
{
    public const string Name = "measure";

    /// <summary>Below the range that <see cref="NetworkNamespace.PortRange"/> leaves to the kernel.</summary>
    private const int BasePort = 8100, HeadPort = 8101, BaseUpstreamPort = 9000, HeadUpstreamPort = 9001;

    public static Command Build()
    {
        Argument<string> ofBase = new("BASE") { Description = "The top of a tree that is built in Release." },
            ofHead = new("HEAD") { Description = "Another." };
        Option<string> baseName = NameOption("--base-name"), headName = NameOption("--head-name");
        Option<FileInfo> json = JsonOption();
        MeasureOptions measure = new();
        Command command = new(Name, "Compares two source trees that are built already.") { ofBase, ofHead, baseName, headName, json };
        measure.AddTo(command);
        command.SetAction(result =>
        {
            string baseTree = result.GetRequiredValue(ofBase), headTree = result.GetRequiredValue(ofHead);
            return Run(
                (baseTree, result.GetValue(baseName) ?? baseTree), (headTree, result.GetValue(headName) ?? headTree), measure.Read(result),
                result.GetValue(json));
        });
        return command;
    }

    public static Option<string> NameOption(string name) => new(name) { Description = "What the report calls it.", HelpName = "NAME" };

    public static Option<FileInfo> JsonOption() =>
        new("--json") { Description = "Writes the figures and verdicts to a file too.", HelpName = "FILE" };

    private static int Run((string Tree, string Name) ofBase, (string Tree, string Name) ofHead, GateOptions options, FileInfo? json)
    {
        // Continues from here only outside: inside, the program begins anew.
        if (!NetworkNamespace.IsInside) Console.Error.WriteLine(NetworkNamespace.Enter());
        else foreach (string refused in NetworkNamespace.SetUp()) Console.Error.WriteLine(refused);
        DescriptorLimit.Raise();
        double loadAverage = double.Parse(File.ReadAllText("/proc/loadavg").Split(' ')[0], CultureInfo.InvariantCulture);
        (int[] proxyCpus, int[] loadCpus) = Affinity.Divide(Affinity.Current, Affinity.SiblingsOf);
        Side sideOfBase = new("base", ofBase.Tree, BasePort, BaseUpstreamPort, proxyCpus),
            sideOfHead = new("head", ofHead.Tree, HeadPort, HeadUpstreamPort, proxyCpus);
        IReadOnlyList<Verdict> sizes = BinarySize.Compare(ofBase.Tree, ofHead.Tree, options.Native);
        IReadOnlyList<Verdict> exact = ExactFigures.Measure(sideOfBase, sideOfHead, Console.Error);
        Verdict start = new StartTimes(options, sideOfBase, sideOfHead, Console.Error).Measure();
        CostRounds rounds = new(options, sideOfBase, sideOfHead, loadCpus, Console.Error);
        IReadOnlyList<Verdict> costs = rounds.Measure();
        GateReport report = new()
        {
            Base = ofBase.Name, Head = ofHead.Name, Machine = MachineFacts.Read(), LoadAverage = loadAverage, Options = options,
            StarvedRounds = rounds.Starved,
            Verdicts = [.. exact, .. sizes, start, .. costs],
        };
        Console.WriteLine(TableReport.Write(report));
        if (json is not null) File.WriteAllText(json.FullName, report.ToJson());
        return report.IsRegression ? ExitCodes.Regression : ExitCodes.Ok;
    }
}
