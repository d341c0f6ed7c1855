using System.Collections.Immutable;
using System.Globalization;
using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Daemon.Kernel;

namespace FastTcpProxy.Daemon.Cli.Machine;

/// <summary>Pages, CPUs and interfaces, as /sys tells them. Stateless.</summary>
internal static class HardwareChecks
{
    private const string Cpus = "/sys/devices/system/cpu", Interfaces = "/sys/class/net";

    public static IEnumerable<MachineFinding> FindCpus(MachineContext context)
    {
        const string pages = "/sys/kernel/mm/transparent_hugepage/enabled";
        MachineRule rule = MachineRules.HugePages;
        FileText mode = context.Files.Read(pages);
        // "always [madvise] never"
        string? chosen = mode.Text?.Split('[', ']') is [_, var inside, ..] ? inside : null;
        yield return chosen switch
        {
            null => rule.Unknown(pages, mode.Lack),
            "always" => rule.Note("always").Do($"echo madvise > {pages}", "transparent_hugepage=madvise on the kernel's command line"),
            _ => rule.Ok(chosen),
        };
        rule = MachineRules.Governor;
        ImmutableArray<string> names = context.Files.List(Cpus);
        if (names.IsEmpty)
        {
            yield return rule.Unknown(Cpus, FileLack.Missing);
            yield break;
        }
        string[] governors = [.. names.Where(IsNumbered).Select(cpu => context.Files.Read($"{Cpus}/{cpu}/cpufreq/scaling_governor").Text)
            .OfType<string>().Select(text => text.Trim()).Distinct().Order(StringComparer.Ordinal)];
        string[] slow = [.. governors.Except(["performance", "schedutil"])];
        yield return governors.Length == 0 ? rule.Ok("the kernel does not scale frequencies here")
            : slow.Length == 0 ? rule.Ok(string.Join(", ", governors))
            : rule.Note(string.Join(", ", slow)).Do("cpupower frequency-set -g performance");
    }

    public static IEnumerable<MachineFinding> FindInterfaces(MachineContext context)
    {
        ImmutableArray<string> all = context.Files.List(Interfaces);
        string[] cards = [.. all.Where(name => !context.Files.List($"{Interfaces}/{name}/device").IsEmpty
            && context.Files.Read($"{Interfaces}/{name}/operstate").Text?.Trim() != "down")];
        if (all.IsEmpty) yield return MachineRules.Interrupts.Unknown(Interfaces, FileLack.Missing);
        else if (cards.Length == 0) yield return MachineRules.Interrupts.Ok("no interface of this network has a card");
        int cpus = CountCpus(context.Files);
        foreach (string card in cards)
        {
            yield return OfInterrupts(context.Files, card, cpus);
            yield return OfQueues(context.Files, card, cpus);
        }
    }

    private static MachineFinding OfInterrupts(ISystemFiles files, string card, int cpus)
    {
        MachineRule rule = MachineRules.Interrupts;
        const string table = "/proc/interrupts";
        FileText text = files.Read(table);
        if (text.Text is null) return rule.Unknown(table, text.Lack);
        // The last word names the handler: "eth0-TxRx-3", "virtio0-input.0"; the first is the number.
        string[][] lines = [.. text.Text.Split('\n').Select(l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(l => l.Length > 2)];
        string[] numbers = [.. lines.Where(l => l[^1] == card || l[^1].StartsWith(card + "-", StringComparison.Ordinal)
            || l[^1].EndsWith("@" + card, StringComparison.Ordinal)).Select(l => l[0].TrimEnd(':'))];
        if (numbers.Length == 0)
            numbers = [.. lines.Where(l => l[^1].Contains("-input.", StringComparison.Ordinal)).Select(l => l[0].TrimEnd(':'))];
        if (numbers.Length == 0) return rule.Ok($"{card}: its interrupts have no name of their own");
        string[] places = [.. numbers.Select(n => (files.Read($"/proc/irq/{n}/effective_affinity_list").Text
            ?? files.Read($"/proc/irq/{n}/smp_affinity_list").Text)?.Trim()).OfType<string>()];
        string first = $"/proc/irq/{numbers[0]}/smp_affinity_list";
        if (places.Length == 0) return rule.Unknown(first, files.Read(first).Lack);
        string found = $"{card}: {Counted.Of(places.Length, "interrupt")} on CPU {string.Join(", ", places.Distinct())}";
        bool isCrowded = cpus > 1 && places.Length > 1 && places.Distinct().Count() == 1 && places[0].All(char.IsAsciiDigit);
        return isCrowded ? rule.Warning(found).Do([.. numbers.Take(cpus).Select((n, i) => $"echo {i} > /proc/irq/{n}/smp_affinity_list")])
            : rule.Ok(found);
    }

    private static MachineFinding OfQueues(ISystemFiles files, string card, int cpus)
    {
        MachineRule rule = MachineRules.PacketSteering;
        string folder = $"{Interfaces}/{card}/queues";
        string[] queues = [.. files.List(folder).Where(name => name.StartsWith("rx-", StringComparison.Ordinal))];
        if (queues.Length == 0) return rule.Unknown(folder, FileLack.Missing);
        FileText[] masks = [.. queues.Select(queue => files.Read($"{folder}/{queue}/rps_cpus"))];
        if (masks.FirstOrDefault(m => m.Text is null) is { Lack: not FileLack.None } lacking)
            return rule.Unknown($"{folder}/{queues[0]}/rps_cpus", lacking.Lack);
        bool isSteered = masks.All(m => m.Text!.Any(c => c is not ('0' or ',' or '\n')));
        string found = $"{card}: {Counted.Of(queues.Length, "queue")} for {Counted.Of(cpus, "CPU")}, RPS {(isSteered ? "on" : "off")}";
        // As a mask in hexadecimal; more CPUs take several words.
        string every = cpus < 32 ? ((1L << cpus) - 1).ToString("x", CultureInfo.InvariantCulture) : "ffffffff";
        return queues.Length >= cpus || isSteered ? rule.Ok(found)
            : rule.Note(found).Do($"ethtool -L {card} combined {cpus}",
                $"echo {every} > {folder}/{queues[0]}/rps_cpus    # where there are no more queues");
    }

    /// <summary>CPUs that are on: "0-3,8".</summary>
    private static int CountCpus(ISystemFiles files) => files.Read($"{Cpus}/online").Text is { } text
        ? Math.Max(PortRanges.Parse(text).Sum(range => range.Last - range.First + 1), 1)
        : Environment.ProcessorCount;

    private static bool IsNumbered(string name) =>
        name.StartsWith("cpu", StringComparison.Ordinal) && name.Length > 3 && name.AsSpan(3).ContainsAnyExceptInRange('0', '9') is false;
}
