using Lvsctl.Cli.Ipvsadm.Parsing;
using Lvsctl.Cli.Ipvsadm.Restoring;
using Lvsctl.Core.Model;
using Lvsctl.Linux.Ipvs;
using Lvsctl.Linux.Netlink;

namespace Lvsctl.Cli.Ipvsadm;

/// <summary>Carries out command lines, one or a whole restore, over one connection to the kernel that is opened when it is first needed.</summary>
sealed partial class IpvsadmSession(IpvsadmEnvironment environment) : IDisposable
{
    const int Done = 0;
    const int ListFailed = 1;
    const int Unavailable = 2;
    const int Refused = 255;

    readonly Output _output = new(environment.Output);
    readonly Output _error = new(environment.Error);
    IpvsClient? _kernel;

    public int Run(string program, ReadOnlySpan<string> words, string ownHelp = "")
    {
        var (command, error) = CommandLine.Parse(words, program, environment.Names);
        if (error is not null)
        {
            Complain(error.Text);
            return error.ExitCode;
        }
        return command is ParsedCommand.Restore ? Restore(new RestoreInput(environment.Input), clearFirst: false) : Execute(command!, program, ownHelp);
    }

    int Execute(ParsedCommand command, string program, string ownHelp = "")
    {
        switch (command)
        {
            case ParsedCommand.Help:
                _output.Write(HelpText.For(program));
                _output.Write(ownHelp);
                return Done;
            case ParsedCommand.Version:
                _output.WriteLine(HelpText.Version);
                return Done;
        }
        if (!TryOpenKernel(out var kernel)) return Unavailable;
        switch (command)
        {
            case ParsedCommand.Change(var change): return Apply(kernel, [change]);
            case ParsedCommand.List(var request): return List(kernel, request);
            case ParsedCommand.Save(var numeric, var full): return Save(kernel, numeric, full);
            default: throw new InvalidOperationException();
        }
    }

    public int ExplainSave(string program)
    {
        Complain($"{program}: Script to save the IPVS table to stdout.\n   With the -n option, prints out the table in numeric format.");
        return ListFailed;
    }

    /// <summary>The exit code of a run that is over: a listing or a save that did not reach its file is no success.</summary>
    public int Finish(int exitCode)
    {
        _output.Flush();
        if (_output.Failure is not { } failure) return exitCode;
        Complain($"cannot write the output: {failure.Message}");
        return exitCode == Done ? ListFailed : exitCode;
    }

    public int Fail(string text)
    {
        Complain(text);
        return Refused;
    }

    bool TryOpenKernel(out IpvsClient kernel)
    {
        try
        {
            kernel = _kernel ??= environment.OpenKernel();
            return true;
        }
        catch (IpvsException unavailable)
        {
            Complain(unavailable.Reason is IpvsErrorReason.NotPermitted or IpvsErrorReason.NoKernelSupport
                ? KernelRefusal.Unavailable(unavailable.Reason == IpvsErrorReason.NotPermitted)
                : unavailable.Message);
        }
        catch (NetlinkException failure)
        {
            Complain(failure.Message);
        }
        kernel = null!;
        return false;
    }

    // The code of a command line is that of its change, that of a restore the code of its last line.
    int Apply(IpvsClient kernel, List<TableChange> changes)
    {
        var failures = kernel.Apply(changes);
        foreach (var failure in failures) Complain(KernelRefusal.Text(failure));
        return failures.Count != 0 && failures[^1].Index == changes.Count - 1 ? Refused : Done;
    }

    /// <summary>-R: what the lines on standard input say. Changes that follow each other go to the kernel together.</summary>
    public int Restore(RestoreInput lines, bool clearFirst)
    {
        // ipvsadm-restore goes on when its ipvsadm -C has failed, and fails again.
        if (clearFirst) TryOpenKernel(out _);
        if (!TryOpenKernel(out var kernel)) return Unavailable;

        // Small enough that a batch has been carried out and forgotten before the garbage collector looks: larger ones are copied by it.
        const int batchSize = 200;
        const string program = "ipvsadm";
        var batch = new List<TableChange>(batchSize);
        if (clearFirst) batch.Add(new TableChange.Flush());
        var exitCode = Done;
        while (true)
        {
            // Whoever types or sends line by line sees each done before the next.
            if (batch.Count == batchSize || !lines.HasLine) ApplyBatch();
            if (!lines.Read()) return exitCode;

            var words = lines.Words;
            if (words.IsEmpty) continue;
            var (command, error) = CommandLine.Parse(words, program, environment.Names);
            if (command is ParsedCommand.Change(var change))
            {
                batch.Add(change);
                continue;
            }

            ApplyBatch();
            if (command is ParsedCommand.Restore) error = UsageError.TryHelp(program);
            if (error is not null)
            {
                Complain(error.Text);
                exitCode = error.ExitCode;
                if (error.EndsRestore) return exitCode;
                continue;
            }
            exitCode = Execute(command!, program);
            if (exitCode != Done || command is ParsedCommand.Help or ParsedCommand.Version) return exitCode;
        }

        void ApplyBatch()
        {
            if (batch.Count == 0) return;
            exitCode = Apply(kernel, batch);
            batch.Clear();
        }
    }

    void Complain(string text)
    {
        _error.WriteLine(text);
        _error.Flush();
    }

    public void Dispose()
    {
        _output.Flush();
        _kernel?.Dispose();
    }
}
